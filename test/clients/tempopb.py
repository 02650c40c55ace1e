"""Tempo's messages, made with protobuf's own runtime from a table: `Search = tempopb.type("...")`.
Names, numbers and types of fields are those of pkg/tempopb/tempo.proto."""

from __future__ import annotations

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from opentelemetry.proto.common.v1 import common_pb2  # noqa: F401  its file is a dependency
from opentelemetry.proto.trace.v1 import trace_pb2  # noqa: F401

KEY_VALUE = ".opentelemetry.proto.common.v1.KeyValue"
RESOURCE_SPANS = ".opentelemetry.proto.trace.v1.ResourceSpans"

# Message: field, number, type; a list is [type], a map {key: value}.
MESSAGES = {
    "Trace": [("resourceSpans", 1, [RESOURCE_SPANS])],
    "TraceByIDMetrics": [("inspectedBytes", 1, "uint64")],
    "TraceByIDResponse": [("trace", 1, "Trace"), ("metrics", 2, "TraceByIDMetrics"),
                          ("status", 3, "PartialStatus"), ("message", 4, "string")],
    "SearchRequest": [("Tags", 1, {"string": "string"}), ("MinDurationMs", 2, "uint32"),
                      ("MaxDurationMs", 3, "uint32"), ("Limit", 4, "uint32"),
                      ("start", 5, "uint32"), ("end", 6, "uint32"), ("Query", 8, "string"),
                      ("SpansPerSpanSet", 9, "uint32")],
    "SearchResponse": [("traces", 1, ["TraceSearchMetadata"]), ("metrics", 2, "SearchMetrics")],
    "TraceSearchMetadata": [
        ("traceID", 1, "string"), ("rootServiceName", 2, "string"), ("rootTraceName", 3, "string"),
        ("startTimeUnixNano", 4, "uint64"), ("durationMs", 5, "uint32"), ("spanSet", 6, "SpanSet"),
        ("spanSets", 7, ["SpanSet"]), ("serviceStats", 8, {"string": "ServiceStats"})],
    "ServiceStats": [("spanCount", 1, "uint32"), ("errorCount", 2, "uint32")],
    "SpanSet": [("spans", 1, ["Span"]), ("matched", 2, "uint32"), ("attributes", 3, [KEY_VALUE])],
    "Span": [("spanID", 1, "string"), ("name", 2, "string"), ("startTimeUnixNano", 3, "uint64"),
             ("durationNanos", 4, "uint64"), ("attributes", 5, [KEY_VALUE])],
    "SearchMetrics": [("inspectedTraces", 1, "uint32"), ("inspectedBytes", 2, "uint64"),
                      ("totalBlocks", 3, "uint32"), ("completedJobs", 4, "uint32"),
                      ("totalJobs", 5, "uint32"), ("totalBlockBytes", 6, "uint64"),
                      ("inspectedSpans", 7, "uint64")],
    "SearchTagsRequest": [("scope", 1, "string"), ("query", 2, "string"), ("start", 3, "uint32"),
                          ("end", 4, "uint32"), ("maxTagsPerScope", 5, "uint32"),
                          ("staleValuesThreshold", 6, "uint32")],
    "SearchTagsResponse": [("tagNames", 1, ["string"]), ("metrics", 2, "MetadataMetrics")],
    "SearchTagsV2Response": [("scopes", 1, ["SearchTagsV2Scope"]),
                             ("metrics", 2, "MetadataMetrics")],
    "SearchTagsV2Scope": [("name", 1, "string"), ("tags", 2, ["string"])],
    "SearchTagValuesRequest": [("tagName", 1, "string"), ("query", 2, "string"),
                               ("start", 4, "uint32"), ("end", 5, "uint32"),
                               ("maxTagValues", 6, "uint32"), ("staleValueThreshold", 7, "uint32")],
    "SearchTagValuesResponse": [("tagValues", 1, ["string"]), ("metrics", 2, "MetadataMetrics")],
    "TagValue": [("type", 1, "string"), ("value", 2, "string")],
    "SearchTagValuesV2Response": [("tagValues", 1, ["TagValue"]),
                                  ("metrics", 2, "MetadataMetrics")],
    "QueryRangeRequest": [("query", 1, "string"), ("start", 2, "uint64"), ("end", 3, "uint64"),
                          ("step", 4, "uint64"), ("exemplars", 16, "uint32"),
                          ("maxSeries", 17, "uint32")],
    "QueryRangeResponse": [("series", 1, ["TimeSeries"]), ("metrics", 2, "SearchMetrics"),
                           ("status", 3, "PartialStatus"), ("message", 4, "string")],
    "TimeSeries": [("labels", 1, [KEY_VALUE]), ("samples", 2, ["Sample"]),
                   ("exemplars", 4, ["Exemplar"])],
    "Sample": [("timestamp_ms", 2, "int64"), ("value", 1, "double")],
    "Exemplar": [("labels", 1, [KEY_VALUE]), ("value", 2, "double"), ("timestamp_ms", 3, "int64")],
    "QueryInstantRequest": [("query", 1, "string"), ("start", 2, "uint64"), ("end", 3, "uint64")],
    "QueryInstantResponse": [("series", 1, ["InstantSeries"]), ("metrics", 2, "SearchMetrics"),
                             ("status", 3, "PartialStatus"), ("message", 4, "string")],
    "InstantSeries": [("labels", 1, [KEY_VALUE]), ("value", 2, "double")],
    "MetadataMetrics": [("inspectedBytes", 1, "uint64"), ("totalJobs", 2, "uint32"),
                        ("completedJobs", 3, "uint32"), ("totalBlocks", 4, "uint32"),
                        ("totalBlockBytes", 5, "uint64")],
}
ENUMS = {"PartialStatus": ["COMPLETE", "PARTIAL"]}

Field = descriptor_pb2.FieldDescriptorProto


def _set_type(field: Field, name: str) -> None:
    scalars = {"string": Field.TYPE_STRING, "uint32": Field.TYPE_UINT32,
               "uint64": Field.TYPE_UINT64, "int64": Field.TYPE_INT64,
               "double": Field.TYPE_DOUBLE}
    if name in scalars:
        field.type = scalars[name]
        return
    field.type = Field.TYPE_ENUM if name in ENUMS else Field.TYPE_MESSAGE
    field.type_name = name if name.startswith(".") else f".tempopb.{name}"


def _add_field(message: descriptor_pb2.DescriptorProto, name: str, number: int, kind) -> None:
    field = message.field.add(name=name, number=number, label=Field.LABEL_OPTIONAL)
    if isinstance(kind, list):
        field.label = Field.LABEL_REPEATED
        _set_type(field, kind[0])
    elif isinstance(kind, dict):
        (key, value), = kind.items()
        entry = message.nested_type.add(name=name[0].upper() + name[1:] + "Entry")
        entry.options.map_entry = True
        _add_field(entry, "key", 1, key)
        _add_field(entry, "value", 2, value)
        field.label = Field.LABEL_REPEATED
        field.type = Field.TYPE_MESSAGE
        field.type_name = f".tempopb.{message.name}.{entry.name}"
    else:
        _set_type(field, kind)


def _pool() -> descriptor_pool.DescriptorPool:
    file = descriptor_pb2.FileDescriptorProto(
        name="tempopb/tempo.proto", package="tempopb", syntax="proto3",
        dependency=["opentelemetry/proto/common/v1/common.proto",
                    "opentelemetry/proto/trace/v1/trace.proto"])
    for name, words in ENUMS.items():
        enum = file.enum_type.add(name=name)
        for number, word in enumerate(words):
            enum.value.add(name=word, number=number)
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for row in fields:
            _add_field(message, *row)
    pool = descriptor_pool.Default()
    pool.Add(file)
    return pool


_POOL = _pool()


def type(name: str):  # noqa: A001  as protobuf calls it
    return message_factory.GetMessageClass(_POOL.FindMessageTypeByName(f"tempopb.{name}"))
