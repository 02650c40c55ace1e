// emit makes traces with the OpenTelemetry SDK for Go, exports them, and writes what it sent into
// a file: TracesData messages, one after the other, which read as one message.
//
//	emit -protocol grpc|http -endpoint HOST:PORT -traces 20 -gzip -sent FILE
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
)

func main() {
	log.SetFlags(0)
	protocol := flag.String("protocol", "grpc", "grpc or http")
	endpoint := flag.String("endpoint", "", "HOST:PORT")
	traces := flag.Int("traces", 20, "how many to make")
	gzip := flag.Bool("gzip", false, "compress")
	sent := flag.String("sent", "", "the file for what was sent")
	flag.Parse()
	if err := run(*protocol, *endpoint, *traces, *gzip, *sent); err != nil {
		log.Fatal(err)
	}
}

func run(protocol, endpoint string, traces int, gzip bool, sentPath string) error {
	client, err := newClient(protocol, endpoint, gzip)
	if err != nil {
		return err
	}
	file, err := os.Create(sentPath)
	if err != nil {
		return err
	}
	ctx := context.Background()
	exporter, err := otlptrace.New(ctx, &recorder{Client: client, file: file})
	if err != nil {
		return err
	}
	provider := sdk.NewTracerProvider(
		sdk.WithBatcher(exporter, sdk.WithMaxExportBatchSize(64)),
		sdk.WithResource(resource.NewWithAttributes("https://opentelemetry.io/schemas/1.30.0",
			attribute.String("service.name", "emit-go"), attribute.Int("process.pid", 1))),
		sdk.WithRawSpanLimits(sdk.SpanLimits{AttributeValueLengthLimit: -1, AttributeCountLimit: 12,
			EventCountLimit: 3, LinkCountLimit: 2, AttributePerEventCountLimit: 2,
			AttributePerLinkCountLimit: 1}))
	for i := range traces {
		makeTrace(provider, i)
	}
	return errors.Join(provider.Shutdown(ctx), file.Close())
}

func newClient(protocol, endpoint string, gzip bool) (otlptrace.Client, error) {
	switch protocol {
	case "grpc":
		options := []otlptracegrpc.Option{
			otlptracegrpc.WithEndpoint(endpoint), otlptracegrpc.WithInsecure()}
		if gzip {
			options = append(options, otlptracegrpc.WithCompressor("gzip"))
		}
		return otlptracegrpc.NewClient(options...), nil
	case "http":
		options := []otlptracehttp.Option{
			otlptracehttp.WithEndpoint(endpoint), otlptracehttp.WithInsecure()}
		if gzip {
			options = append(options, otlptracehttp.WithCompression(otlptracehttp.GzipCompression))
		}
		return otlptracehttp.NewClient(options...), nil
	}
	return nil, fmt.Errorf("unknown protocol %q", protocol)
}

// recorder writes down what the exporter hands to the real client.
type recorder struct {
	otlptrace.Client
	mutex sync.Mutex
	file  *os.File
}

func (r *recorder) UploadTraces(ctx context.Context, spans []*otlp.ResourceSpans) error {
	bytes, err := proto.Marshal(&otlp.TracesData{ResourceSpans: spans})
	if err != nil {
		return err
	}
	if err := r.Client.UploadTraces(ctx, spans); err != nil {
		return err
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	_, err = r.file.Write(bytes)
	return err
}

func makeTrace(provider *sdk.TracerProvider, number int) {
	ctx := context.Background()
	outer := provider.Tracer("emit/outer", trace.WithInstrumentationVersion("1.2.3"),
		trace.WithSchemaURL("https://opentelemetry.io/schemas/1.26.0"),
		trace.WithInstrumentationAttributes(attribute.Bool("outer", true)))
	inner := provider.Tracer("emit/inner")
	ctx, root := outer.Start(ctx, fmt.Sprintf("GET /items/%d", number),
		trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(everyType(number)...))
	linked := trace.LinkFromContext(ctx, attribute.String("why", "batch"), attribute.Int("n", 2))
	for child := range 3 {
		_, span := inner.Start(ctx, "step \u00e9\u4e2d", trace.WithLinks(linked, linked, linked),
			trace.WithSpanKind(trace.SpanKind(child+1)))
		for event := range child * 2 {
			span.AddEvent("event", trace.WithAttributes(attribute.Int("number", event),
				attribute.String("text", ""), attribute.Bool("dropped", true)))
		}
		span.RecordError(errors.New("out of items"), trace.WithStackTrace(true))
		span.SetStatus(codes.Error, "out of items")
		span.End(trace.WithTimestamp(time.Now().Add(time.Duration(child) * time.Millisecond)))
	}
	root.SetStatus(codes.Ok, "")
	root.End()
}

func everyType(number int) []attribute.KeyValue {
	return []attribute.KeyValue{
		attribute.String("string", "caf\u00e9"), attribute.String("empty", ""),
		attribute.Int64("int", -1<<63+int64(number)), attribute.Float64("double", -0.0),
		attribute.Float64("small", 5e-324), attribute.Bool("bool", false),
		attribute.StringSlice("strings", []string{"a", "", "c"}),
		attribute.Int64Slice("ints", []int64{0, -1, 1<<63 - 1}),
		attribute.Float64Slice("doubles", []float64{0.1, 1e300}),
		attribute.BoolSlice("bools", []bool{true, false}),
		attribute.StringSlice("none", []string{}), attribute.String("last", "12"),
		attribute.String("over the limit", "dropped"),
	}
}
