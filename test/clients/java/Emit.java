import static io.opentelemetry.api.common.AttributeKey.booleanArrayKey;
import static io.opentelemetry.api.common.AttributeKey.booleanKey;
import static io.opentelemetry.api.common.AttributeKey.doubleArrayKey;
import static io.opentelemetry.api.common.AttributeKey.doubleKey;
import static io.opentelemetry.api.common.AttributeKey.longArrayKey;
import static io.opentelemetry.api.common.AttributeKey.longKey;
import static io.opentelemetry.api.common.AttributeKey.stringArrayKey;
import static io.opentelemetry.api.common.AttributeKey.stringKey;
import static io.opentelemetry.api.common.AttributeKey.valueKey;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.KeyValue;
import io.opentelemetry.api.common.Value;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.internal.otlp.traces.TraceRequestMarshaler;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanLimits;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Sends one trace with the OpenTelemetry SDK for Java and prints a line of JSON: the id of the
 * trace, and what each export sent, as protobuf in base64.
 *
 * <p>java -cp 'build/clients-java/libs/*' Emit.java --protocol=grpc|http/protobuf --endpoint=URL
 * [--gzip]
 */
public final class Emit {
  private static final int SPANS_PER_EXPORT = 4;
  private static final long SECONDS_MAX = 30;

  public static void main(String[] arguments) {
    String protocol = "";
    String endpoint = "";
    String compression = "none";
    for (String argument : arguments) {
      String value = argument.substring(argument.indexOf('=') + 1);
      if (argument.startsWith("--protocol=")) {
        protocol = value;
      } else if (argument.startsWith("--endpoint=")) {
        endpoint = value;
      } else if (argument.equals("--gzip")) {
        compression = "gzip";
      } else {
        throw new IllegalArgumentException("unknown option " + argument);
      }
    }
    Recorder recorder = new Recorder(newExporter(protocol, endpoint, compression));
    SdkTracerProvider provider = newProvider(recorder);
    String traceId = makeTrace(provider);
    // It waits for what the exporter answered; a failed export fails it.
    boolean sent = provider.shutdown().join(SECONDS_MAX, TimeUnit.SECONDS).isSuccess();
    System.out.printf("{\"traceId\": \"%s\", \"sent\": [\"%s\"]}%n", traceId,
        String.join("\", \"", recorder.sent));
    System.exit(sent && !recorder.failed ? 0 : 1);
  }

  private static SpanExporter newExporter(String protocol, String endpoint, String compression) {
    return switch (protocol) {
      case "grpc" -> OtlpGrpcSpanExporter.builder()
          .setEndpoint(endpoint).setCompression(compression).build();
      case "http/protobuf" -> OtlpHttpSpanExporter.builder()
          .setEndpoint(endpoint).setCompression(compression).build();
      default -> throw new IllegalArgumentException("unknown protocol " + protocol);
    };
  }

  /** Hands spans on and keeps their OTLP, made by the SDK's own encoder. */
  private static final class Recorder implements SpanExporter {
    private final SpanExporter exporter;
    private final List<String> sent = new ArrayList<>();
    private volatile boolean failed;

    Recorder(SpanExporter exporter) {
      this.exporter = exporter;
    }

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try {
        TraceRequestMarshaler.create(spans).writeBinaryTo(bytes);
      } catch (IOException error) {
        throw new UncheckedIOException(error);
      }
      sent.add(Base64.getEncoder().encodeToString(bytes.toByteArray()));
      CompletableResultCode result = exporter.export(spans);
      return result.whenComplete(() -> failed |= !result.isSuccess());
    }

    @Override
    public CompletableResultCode flush() {
      return exporter.flush();
    }

    @Override
    public CompletableResultCode shutdown() {
      return exporter.shutdown();
    }
  }

  private static SdkTracerProvider newProvider(SpanExporter exporter) {
    Attributes service = Attributes.of(stringKey("service.name"), "emit-java",
        longKey("process.pid"), 42L, stringArrayKey("list"), List.of("a", "b"));
    return SdkTracerProvider.builder()
        .setResource(Resource.create(service, "https://opentelemetry.io/schemas/1.30.0"))
        .setSpanLimits(SpanLimits.builder().setMaxNumberOfAttributes(18)
            .setMaxAttributeValueLength(1000).setMaxNumberOfEvents(4).setMaxNumberOfLinks(2)
            .setMaxNumberOfAttributesPerEvent(2).setMaxNumberOfAttributesPerLink(1).build())
        .addSpanProcessor(BatchSpanProcessor.builder(exporter)
            .setMaxExportBatchSize(SPANS_PER_EXPORT).build())
        .build();
  }

  private static String makeTrace(SdkTracerProvider provider) {
    Tracer outer = provider.tracerBuilder("emit.outer").setInstrumentationVersion("1.2.3")
        .setSchemaUrl("https://opentelemetry.io/schemas/1.26.0").build();
    Tracer inner = provider.get("emit.inner");
    Instant start = Instant.ofEpochSecond(Instant.now().getEpochSecond() - 60, 123_456);

    Span root = outer.spanBuilder("GET /items").setNoParent().setSpanKind(SpanKind.SERVER)
        .setAllAttributes(everyType()).setStartTimestamp(start).startSpan();
    Context near = Context.root().with(root);
    SpanContext remote = SpanContext.createFromRemoteParent(root.getSpanContext().getTraceId(),
        root.getSpanContext().getSpanId(), root.getSpanContext().getTraceFlags(),
        TraceState.builder().put("rojo", "00f0").put("congo", "t61").build());
    Context far = Context.root().with(Span.wrap(remote));
    for (SpanKind kind : List.of(SpanKind.CLIENT, SpanKind.PRODUCER, SpanKind.INTERNAL,
        SpanKind.CONSUMER)) {
      step(inner, kind, kind == SpanKind.CONSUMER ? far : near, root.getSpanContext(), remote,
          start.plusMillis(kind.ordinal()));
    }
    root.setStatus(StatusCode.OK);
    root.end(start.plusMillis(100));
    return root.getSpanContext().getTraceId();
  }

  private static void step(Tracer tracer, SpanKind kind, Context parent, SpanContext linked,
      SpanContext remote, Instant start) {
    Attributes why = Attributes.of(stringKey("why"), "batch", stringKey("over"), "the limit");
    Span span = tracer.spanBuilder("step \u00e9").setSpanKind(kind).setParent(parent)
        .setStartTimestamp(start).addLink(linked, why).addLink(remote).addLink(linked).startSpan();
    for (long event = 0; event < 6; ++event) {
      span.addEvent("event", Attributes.of(longKey("number"), event, stringKey("text"), "",
          booleanKey("third"), true), start.plusMillis(event));
    }
    span.recordException(new IllegalStateException("out of \u4e2d\u6587"));
    span.setStatus(StatusCode.ERROR, "out of items");
    tracer.spanBuilder("leaf").setParent(parent.with(span)).setStartTimestamp(start).startSpan()
        .end(start);
    span.end(start.plusMillis(10));
  }

  /** One more than the limit. The SDK sorts them by key. */
  private static Attributes everyType() {
    return Attributes.builder()
        .put(stringKey("string"), "caf\u00e9 \u4e2d\u6587 \ud83d\ude00").put(stringKey("empty"), "")
        .put(longKey("least"), Long.MIN_VALUE).put(longKey("largest"), Long.MAX_VALUE)
        .put(doubleKey("negative zero"), -0.0).put(doubleKey("small"), Double.MIN_VALUE)
        .put(doubleKey("infinite"), Double.POSITIVE_INFINITY).put(doubleKey("nan"), Double.NaN)
        .put(booleanKey("bool"), false).put(stringArrayKey("strings"), List.of("a", "", "c"))
        .put(longArrayKey("longs"), List.of(0L, -1L, Long.MAX_VALUE))
        .put(doubleArrayKey("doubles"), List.of(0.1, 1e300))
        .put(booleanArrayKey("bools"), List.of(true, false))
        .put(stringArrayKey("none"), List.of()).put(stringKey("long"), "x".repeat(5000))
        .put(valueKey("bytes"), Value.of(new byte[] {0, -1}))
        .put(valueKey("map"), Value.of(
            KeyValue.of("inner", Value.of(KeyValue.of("n", Value.of(1)))),
            KeyValue.of("list", Value.of(Value.of("a"), Value.of(2.5), Value.of(true)))))
        .put(valueKey("nothing"), Value.empty())
        .put(stringKey("z is the last key"), "dropped").build();
  }
}
