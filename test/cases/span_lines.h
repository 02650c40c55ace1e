// Spans as lines of a case file, and the OTLP JSON that they are sent as:
//
//   trace/id<parent service "name" +start duration word...
//   1/2<1 shop "GET /" +10ms 5ms client error:"no route" http.status_code:int=500
//
// Ids are hexadecimal without leading zeros; `<parent` may be left out. A service of `-` is a
// resource without service.name. Start counts from 2025-12-31T23:50:00Z, ten minutes before the
// clock of the cases. The words, each optional:
//
//   server client producer consumer internal   the kind
//   ok error error:"message"                    the status
//   state:ot=th:c                               the trace state
//   lib:name@version                            the instrumentation scope
//   key=value key:int=5 key:double=1.5 key:bool=true
//   resource.key=value lib.key=value            attributes of resource and scope
//   event:name event:name.key=value             an event; an attribute of the last one
//   link:trace/id link:key=value                a link; an attribute of the last one
//
// Values with spaces stand in double quotes.
#pragma once

#include <string>
#include <vector>

namespace spoor::test {

// One request with a ResourceSpans for each line. Ends the program if a line cannot be read.
std::string otlp_json_of(const std::vector<std::string>& lines);

}  // namespace spoor::test
