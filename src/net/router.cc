#include "net/router.h"

#include <algorithm>

#include "base/assert.h"
#include "net/grpc.h"

namespace spoor::net {

// One path of the table with the routes of its methods.
struct Router::Pattern {
  enum class Kind { Literal, One, Rest };
  struct Segment {
    Kind kind = Kind::Literal;
    std::string text;  // the literal, or the parameter's name
  };

  std::string text;
  std::vector<Segment> segments;
  std::vector<const Route*> routes;

  const Route* find(Method method) const {
    for (const Route* route : routes) {
      if (route->method == method) return route;
    }
    return nullptr;
  }
  bool is_literal() const {
    return std::all_of(segments.begin(), segments.end(),
                       [](const Segment& segment) { return segment.kind == Kind::Literal; });
  }
};

namespace {

using Params = std::vector<std::pair<std::string, std::string>>;

// The decoded segments of a path; nothing if an escape is bad or a byte is NUL.
std::optional<std::vector<std::string>> split_path(std::string_view path) {
  if (path.empty() || path.front() != '/') return std::nullopt;
  std::vector<std::string> segments;
  path.remove_prefix(1);
  while (true) {
    size_t slash = path.find('/');
    std::string segment;
    if (!append_percent_decoded(segment, path.substr(0, slash))) return std::nullopt;
    if (segment.find('\0') != std::string::npos) return std::nullopt;
    segments.push_back(std::move(segment));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

template <typename Segments>
std::optional<Params> match_segments(const Segments& wanted, const std::vector<std::string>& path) {
  using Kind = decltype(wanted[0].kind);
  Params params;
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].kind == Kind::Rest) {
      if (i >= path.size()) return std::nullopt;
      std::string rest;
      for (size_t j = i; j < path.size(); ++j) rest.append(j > i ? "/" : "").append(path[j]);
      params.emplace_back(wanted[i].text, std::move(rest));
      return params;
    }
    if (i >= path.size()) return std::nullopt;
    if (wanted[i].kind == Kind::Literal) {
      if (wanted[i].text != path[i]) return std::nullopt;
    } else {
      if (path[i].empty()) return std::nullopt;
      params.emplace_back(wanted[i].text, path[i]);
    }
  }
  if (wanted.size() != path.size()) return std::nullopt;
  return params;
}

Refusal refusal_of(int http_status, Status status) {
  return {http_status, std::move(status)};
}

}  // namespace

Router::Router() = default;
Router::~Router() = default;

void Router::add(Method method, std::string text, Handler handler, RouteOptions options) {
  SPOOR_ASSERT(handler != nullptr);
  SPOOR_ASSERT(!text.empty() && text.front() == '/');
  auto found = std::find_if(patterns_.begin(), patterns_.end(),
                            [&](const auto& pattern) { return pattern->text == text; });
  if (found == patterns_.end()) {
    auto pattern = std::make_unique<Pattern>();
    pattern->text = text;
    size_t at = 1;
    while (at <= text.size()) {
      size_t slash = std::min(text.find('/', at), text.size());
      std::string_view piece = std::string_view(text).substr(at, slash - at);
      bool named = piece.size() > 2 && piece.front() == '{' && piece.back() == '}';
      bool rest = named && piece.ends_with("...}");
      Pattern::Kind kind = rest    ? Pattern::Kind::Rest
                           : named ? Pattern::Kind::One
                                   : Pattern::Kind::Literal;
      if (rest) SPOOR_ASSERT(slash == text.size());
      if (named) piece = piece.substr(1, piece.size() - (rest ? 5 : 2));
      pattern->segments.push_back({kind, std::string(piece)});
      at = slash + 1;
    }
    // Most literal first: at the first segment that differs in kind, the stricter wins.
    auto place = std::find_if(patterns_.begin(), patterns_.end(), [&](const auto& other) {
      return std::lexicographical_compare(
          pattern->segments.begin(), pattern->segments.end(), other->segments.begin(),
          other->segments.end(), [](const auto& a, const auto& b) { return a.kind < b.kind; });
    });
    found = patterns_.insert(place, std::move(pattern));
    if ((*found)->is_literal()) exact_.emplace((*found)->text, found->get());
  }
  SPOOR_ASSERT((*found)->find(method) == nullptr);
  routes_.push_back(std::make_unique<Route>(
      Route{method, std::move(text), std::move(handler), std::move(options)}));
  (*found)->routes.push_back(routes_.back().get());
}

const Router::Pattern* Router::find_exact(std::string_view path) const {
  auto found = exact_.find(path);
  return found == exact_.end() ? nullptr : found->second;
}

Router::Match Router::match(RequestHead& head) const {
  Match match;
  match.cors = &cors_;
  const Pattern* pattern = find_exact(head.path);
  if (pattern == nullptr && head.path != "*") {
    auto segments = split_path(head.path);
    if (!segments) {
      match.refusal = refusal_of(400, invalid_argument("path has a bad escape or a zero byte"));
      return match;
    }
    for (const auto& candidate : patterns_) {
      auto params = match_segments(candidate->segments, *segments);
      if (!params) continue;
      pattern = candidate.get();
      head.path_params = std::move(*params);
      break;
    }
  }
  if (pattern == nullptr) {
    match.refusal = refusal_of(404, not_found("no such path: " + head.path));
    return match;
  }
  Method wanted = head.method == Method::Head && pattern->find(Method::Head) == nullptr
                      ? Method::Get
                      : head.method;
  match.route = pattern->find(wanted);
  const Route* named = match.route != nullptr ? match.route : pattern->routes.front();
  if (named->options.cors) match.cors = &*named->options.cors;
  if (match.route != nullptr) return match;
  for (const Route* route : pattern->routes) {
    match.allow.append(match.allow.empty() ? "" : ", ").append(to_string(route->method));
    if (route->method == Method::Get && !pattern->find(Method::Head)) match.allow.append(", HEAD");
  }
  match.refusal = refusal_of(405, unimplemented("method " + head.method_text +
                                                " is not allowed here; allowed: " + match.allow));
  return match;
}

Response Router::refuse(const Route* route, const RequestHead& head, const Refusal& refusal) const {
  if (route != nullptr && route->options.refuse) return route->options.refuse(head, refusal);
  if (refuse_) return refuse_(head, refusal);
  return default_refusal(head, refusal);
}

std::vector<const Route*> Router::routes() const {
  std::vector<const Route*> all;
  for (const auto& route : routes_) all.push_back(route.get());
  return all;
}

Response default_refusal(const RequestHead& head, const Refusal& refusal) {
  if (is_grpc(head) && refusal.http_status != 405 && refusal.http_status != 415) {
    Status status = refusal.status;
    if (refusal.http_status == 404) status = unimplemented("unknown method " + head.path);
    return grpc_error(status);
  }
  Response response = text_response(refusal.http_status, refusal.status.message() + "\n");
  add_retry_after(response, refusal.status);
  return response;
}

}  // namespace spoor::net
