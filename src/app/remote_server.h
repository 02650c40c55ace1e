// What terminal commands ask of a running server.
#pragma once

#include <memory>
#include <string>

#include "app/command.h"
#include "model/model.h"
#include "net/client.h"

namespace spoor::app {

class RemoteServer {
 public:
  // The server of client.address, asked as client.tenant. An error names the option.
  static Result<RemoteServer> find(const CommandLine& line);

  // The body of a 200; another answer is an error that says what the server said.
  Result<std::string> get(const std::string& target, std::string_view accept);
  // NotFound if the server does not know it.
  Result<SpanBatch> get_trace(const TraceId& id);

 private:
  RemoteServer(std::string address, std::string tenant, std::unique_ptr<net::HttpClient> client)
      : address_(std::move(address)), tenant_(std::move(tenant)), client_(std::move(client)) {}

  std::string address_;  // as the option has it
  std::string tenant_;
  std::unique_ptr<net::HttpClient> client_;
};

// Prints the trace as a tree, in colour and as wide as the terminal is.
void print_trace_tree(const SpanBatch& batch);

}  // namespace spoor::app
