// Sends one trace with the OpenTelemetry SDK for JavaScript and prints a line of JSON: the id of
// the trace, and what each export sent, as OTLP JSON or as protobuf in base64, by the protocol.
//
//   node emit.mjs --protocol=grpc|http/protobuf|http/json --endpoint=URL [--gzip]
import { parseArgs } from 'node:util';

import {
  ROOT_CONTEXT, SpanKind, SpanStatusCode, createTraceState, trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter as OverGrpc } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as OverHttpJson } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as OverHttpProtobuf } from '@opentelemetry/exporter-trace-otlp-proto';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

const EXPORTERS = { grpc: OverGrpc, 'http/protobuf': OverHttpProtobuf, 'http/json': OverHttpJson };
const SPANS_PER_EXPORT = 4;
const MILLISECOND = 1_000_000;

// Hands spans on and keeps their OTLP, made by the encoder that the exporter uses.
class Recorder {
  sent = [];

  constructor(protocol, options) {
    this.exporter = new EXPORTERS[protocol](options);
    this.encode = protocol === 'http/json'
      ? spans => JSON.parse(Buffer.from(JsonTraceSerializer.serializeRequest(spans)))
      : spans => Buffer.from(ProtobufTraceSerializer.serializeRequest(spans)).toString('base64');
  }

  export(spans, done) {
    this.sent.push(this.encode(spans));
    this.exporter.export(spans, result => {
      if (result.error) {
        console.error(result.error);
        process.exitCode = 1;
      }
      done(result);
    });
  }

  forceFlush() { return this.exporter.forceFlush(); }

  shutdown() { return this.exporter.shutdown(); }
}

function everyType() {
  return {
    string: 'caf\u00e9 \u4e2d\u6587 \u{1f600}', empty: '', int: -1, safe: Number.MAX_SAFE_INTEGER,
    least: Number.MIN_SAFE_INTEGER, double: 0.1, small: 5e-324, negative: -2.5, bool: false,
    strings: ['a', '', 'c'], ints: [0, -1, 2 ** 40], mixed: [1, 0.5], bools: [true, false],
    holes: ['a', null, 'c'], none: [], long: 'x'.repeat(5000), 'over the limit': 'dropped',
  };
}

function makeTrace(provider) {
  const outer = provider.getTracer('emit.outer', '1.2.3',
    { schemaUrl: 'https://opentelemetry.io/schemas/1.26.0' });
  const inner = provider.getTracer('emit.inner');
  const second = Math.floor(Date.now() / 1000) - 60;
  const at = milliseconds => [second, 123_456 + milliseconds * MILLISECOND];

  const root = outer.startSpan('GET /items', {
    kind: SpanKind.SERVER, startTime: at(0), attributes: everyType(), root: true,
  });
  const near = trace.setSpan(ROOT_CONTEXT, root);
  const far = trace.setSpanContext(ROOT_CONTEXT, {
    ...root.spanContext(), isRemote: true, traceState: createTraceState('congo=t61,rojo=00f0'),
  });
  const link = { context: root.spanContext(), attributes: { why: 'batch', over: 'the limit' } };
  const farLink = { context: trace.getSpanContext(far) };
  const kinds = [SpanKind.CLIENT, SpanKind.PRODUCER, SpanKind.INTERNAL, SpanKind.CONSUMER];
  kinds.forEach((kind, number) => {
    const span = inner.startSpan('step \u00e9', {
      kind, startTime: at(number), links: [link, farLink, link],
    }, kind === SpanKind.CONSUMER ? far : near);
    for (let event = 0; event < 6; ++event) {
      span.addEvent('event', { number: event, text: '', dropped: true }, at(number + event));
    }
    span.recordException(new RangeError('out of \u4e2d\u6587'), at(number));
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'out of items' });
    inner.startSpan('leaf', { startTime: at(number) }, trace.setSpan(near, span)).end(at(number));
    span.end(at(10 * number));
  });
  root.setStatus({ code: SpanStatusCode.OK });
  root.end(at(100));
  return root.spanContext().traceId;
}

const { values: options } = parseArgs({ options: {
  protocol: { type: 'string' }, endpoint: { type: 'string' }, gzip: { type: 'boolean' },
} });
const recorder = new Recorder(options.protocol, {
  url: options.endpoint, compression: options.gzip ? 'gzip' : 'none',
});
const provider = new NodeTracerProvider({
  resource: resourceFromAttributes({ 'service.name': 'emit-js', 'process.pid': 42,
    list: ['a', 'b'] }, { schemaUrl: 'https://opentelemetry.io/schemas/1.30.0' }),
  spanLimits: { attributeCountLimit: 16, attributeValueLengthLimit: 1000, eventCountLimit: 4,
    linkCountLimit: 2, attributePerEventCountLimit: 2, attributePerLinkCountLimit: 1 },
  spanProcessors: [new BatchSpanProcessor(recorder, { maxExportBatchSize: SPANS_PER_EXPORT })],
});
const traceId = makeTrace(provider);
await provider.shutdown();
console.log(JSON.stringify({ traceId, sent: recorder.sent }));
