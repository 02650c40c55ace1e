#include "ingest/ingest.h"

namespace spoor::ingest {

void Ingest::count(const Request& request, const Verdict& verdict) {
  MetricLabels labels = {{"protocol", std::string(request.protocol)},
                         {"tenant", request.tenant.name()}};
  metrics_
      .counter("spoor_ingest_spans_total", "spans that were received in requests that decode",
               labels)
      .add(request.batch.spans.size());
  metrics_.counter("spoor_ingest_bytes_total", "bytes of request bodies as received", labels)
      .add(request.body.size());
  out_of_time_.add(verdict.out_of_time);
  for (const auto& [reason, spans] : verdict.counts) {
    metrics_
        .counter("spoor_ingest_refused_spans_total", "spans that admission refused for good",
                 {{"reason", std::string(label(reason))}, {"tenant", request.tenant.name()}})
        .add(spans);
  }
}

void Ingest::accept(const Request& request, Done done) {
  Verdict verdict = judge(request.batch, request.defects, limits_, request.received);
  Outcome outcome{verdict.refused.size(), verdict.message};
  if (verdict.refused.size() == request.batch.spans.size()) {
    count(request, verdict);
    return done(outcome);
  }
  store::AppendRequest append{.tenant = request.tenant,
                              .format = request.format,
                              .encoding = request.encoding,
                              .body = request.body,
                              .body_hash = hash128(request.decompressed),
                              .received = request.received,
                              .batch = request.batch,
                              .refused = verdict.refused};
  Result<store::Appended> appended = store_.append(append);
  if (!appended.ok()) return done(appended.status());
  if (appended->outcome == store::Appended::Outcome::Repeated) {
    metrics_
        .counter("spoor_ingest_repeated_requests_total",
                 "requests that a sender repeated and that were not stored again")
        .add();
  } else {
    count(request, verdict);
  }
  store_.when_durable(appended->position,
                      [outcome = std::move(outcome), done = std::move(done)](const Status& status) {
                        if (status.ok()) {
                          done(outcome);
                        } else {
                          done(status);
                        }
                      });
}

}  // namespace spoor::ingest
