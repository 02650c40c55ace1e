#include "net/stream.h"

#include <sys/socket.h>

#include <cerrno>

namespace spoor::net {
namespace {

IoResult result_of(ssize_t bytes, IoResult::State when_blocked) {
  if (bytes > 0) return {IoResult::State::Done, static_cast<size_t>(bytes)};
  if (bytes == 0) return {IoResult::State::End, 0};
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {when_blocked, 0};
  return {IoResult::State::Failed, 0};
}

}  // namespace

void prepare_socket(boost::asio::ip::tcp::socket& socket) {
  boost::system::error_code ignored;
  socket.native_non_blocking(true, ignored);
  socket.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
}

PlainStream::PlainStream(boost::asio::ip::tcp::socket socket) : socket_(std::move(socket)) {
  prepare_socket(socket_);
}

IoResult PlainStream::read_some(std::span<char> target) {
  return result_of(::recv(socket_.native_handle(), target.data(), target.size(), 0),
                   IoResult::State::WaitReadable);
}

IoResult PlainStream::write_some(std::span<const iovec> pieces) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());
  message.msg_iovlen = pieces.size();
  return result_of(::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL),
                   IoResult::State::WaitWritable);
}

void PlainStream::end_output() {
  boost::system::error_code ignored;
  socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
}

void PlainStream::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace spoor::net
