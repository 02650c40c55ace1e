#include "app/options.h"

namespace spoor::app {
namespace {

using enum OptionType;

constexpr uint64_t kPortMax = 65535;
constexpr uint64_t kKiB = 1024;
constexpr uint64_t kGiB = kKiB * kKiB * kKiB;

constexpr OptionSpec port(std::string_view name, std::string_view default_text,
                          std::string_view help) {
  return {name, Integer, default_text, "Listening", help, {}, 0, kPortMax};
}

constexpr OptionSpec kTable[] = {
    {"config", Text, "", "General", "the YAML file to read options from"},
    {"storage.path",
     Text,
     "./spoor-data",
     "Storage",
     "the data directory; made if it does not exist, used by one process at a time",
     {},
     1},
    {"storage.head-bytes", Size, "0", "Storage",
     "memory for spans that are not in parts yet; when full they are flushed; 0 takes a share of "
     "memory.limit"},
    {"storage.flush-age",
     Duration,
     "5m",
     "Storage",
     "spans go into parts after this time at the latest",
     {},
     kNanosPerSecond,
     kNanosPerDay},
    {"wal.sync", Choice, "always", "Storage",
     "when the log is synced to the disk: always before a sender is told of success, or in an "
     "interval, which may lose that much at a power cut",
     "always|interval:DURATION"},
    {"listen.host",
     Text,
     "127.0.0.1",
     "Listening",
     "the address of all listeners; 0.0.0.0 by default in a container",
     {},
     1},
    port("listen.http-port", "10428", "all interfaces over HTTP, and /health, /metrics, /status"),
    port("listen.otlp-grpc-port", "4317", "OTLP over gRPC"),
    port("listen.otlp-http-port", "4318", "OTLP over HTTP"),
    port("listen.jaeger-port", "16686", "Jaeger's HTTP API"),
    port("listen.tempo-port", "3200", "Tempo's HTTP API"),
    {"cors.origins", List, "", "Listening",
     "origins whose browsers may send spans and read answers; * for any"},
    {"tls.certificate", Text, "", "TLS",
     "PEM file with the server's certificate and its chain; with it all listeners speak TLS only; "
     "read again when it changes"},
    {"tls.key", Text, "", "TLS", "PEM file with the key of tls.certificate, without passphrase"},
    {"tls.client-ca", Text, "", "TLS",
     "PEM file of authorities; with it every client must present a certificate that one of them "
     "signed"},
    {"tls.ca", Text, "", "TLS",
     "PEM file of the authorities that `spoor trace` and `spoor load` trust; those of the system "
     "if not given"},
    {"memory.limit", Size, "0", "Resources",
     "memory that the process may plan with; 0 takes a share of what the control group or the "
     "machine has"},
    {"threads",
     Integer,
     "0",
     "Resources",
     "worker threads; 0 takes one for each core of the control group or the machine",
     {},
     0,
     1024},
    {"limits.request-bytes",
     Size,
     "64MiB",
     "Limits",
     "the largest request, after decompression; a larger one is refused for good",
     {},
     kKiB,
     kGiB},
    {"limits.past",
     Duration,
     "7d",
     "Limits",
     "a span that started longer ago than this is refused",
     {},
     kNanosPerHour,
     36500 * kNanosPerDay},
    {"limits.future",
     Duration,
     "2d",
     "Limits",
     "a span that starts further ahead of this machine's clock is refused",
     {},
     0,
     3650 * kNanosPerDay},
    {"shutdown.drain",
     Duration,
     "15s",
     "Limits",
     "at the end, how long requests under way may take",
     {},
     0,
     kNanosPerHour},
    {"client.address",
     Text,
     "127.0.0.1:10428",
     "Client",
     "host and HTTP port of the server that `spoor trace` asks; https://HOST:PORT for TLS",
     {},
     1},
    {"client.certificate", Text, "", "Client",
     "PEM file with the certificate for servers that demand one"},
    {"client.key", Text, "", "Client", "PEM file with the key of client.certificate"},
    {"client.tenant", Text, "", "Client", "the tenant whose traces are asked for"},
    {"load.to",
     Text,
     "http://127.0.0.1:4318",
     "Load",
     "where `spoor load` sends: http, https, grpc or grpcs ://HOST:PORT",
     {},
     1},
    {"load.corpus", Text, "", "Load",
     "a file of recorded requests to send instead of generated ones, moved in time so that the "
     "last span ends now"},
    {"load.spans", Integer, "1000000", "Load", "how many spans to send; of a corpus all", {}, 1},
    {"load.seed", Integer, "1", "Load", "the same seed generates the same traces"},
    {"load.rate", Integer, "0", "Load", "spans a second; 0 for as fast as they are acknowledged"},
    {"load.connections", Integer, "4", "Load", "connections that send at once", {}, 1, 1024},
    {"load.batch", Integer, "512", "Load", "spans in a generated request", {}, 1, 100'000},
    {"load.history", Duration, "0s", "Load",
     "generated traces begin evenly over this time back from now; 0 for when they are sent"},
    {"load.compression", Choice, "identity", "Load", "of the requests", "identity|gzip|zstd"},
    {"load.retry-for", Duration, "1m", "Load",
     "a request that the server asks to be repeated is given up after this time"},
    {"log.format", Choice, "text", "Logging", "the form of the program's own log lines",
     "text|logfmt|json"},
    {"log.level", Choice, "info", "Logging", "the least serious log lines that are written",
     "debug|info|warning|error"},
};

}  // namespace

std::span<const OptionSpec> option_table() {
  return kTable;
}

}  // namespace spoor::app
