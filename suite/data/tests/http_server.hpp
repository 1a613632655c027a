// A web server on the loopback for one test: serves bytes by path, with or without ranges, and can break off.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <string>
#include <thread>
#include <vector>

namespace assay {

struct Page {
  std::string content;
  bool ranges = true;
  std::size_t break_after = std::string::npos;  // bytes of the body after which the connection is closed
};

class HttpServer {
 public:
  explicit HttpServer(std::map<std::string, Page> pages)
      : pages_(std::move(pages)), socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    bind(socket_, reinterpret_cast<const sockaddr*>(&address), size);
    listen(socket_, 8);
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~HttpServer() { stop(); }

  std::string url(const std::string& path) const { return "http://127.0.0.1:" + std::to_string(port_) + path; }

  std::vector<std::string> stop() {  // and tells the requests: "/path" or "/path from 5"
    shutdown(socket_, SHUT_RDWR);
    if (thread_.joinable()) thread_.join(), close(socket_);
    return requests_;
  }

 private:
  void serve() {
    for (int client = accept(socket_, nullptr, nullptr); client >= 0; client = accept(socket_, nullptr, nullptr)) {
      std::string request;
      char buffer[4096];
      while (request.find("\r\n\r\n") == std::string::npos) {
        const auto got = recv(client, buffer, sizeof buffer, 0);
        if (got <= 0) break;
        request.append(buffer, static_cast<std::size_t>(got));
      }
      const auto response = answer(request);
      send(client, response.data(), response.size(), MSG_NOSIGNAL);
      close(client);
    }
  }

  std::string answer(const std::string& request) {
    const auto start = request.find(' ') + 1;
    const auto path = request.substr(start, request.find(' ', start) - start);
    const auto range = request.find("Range: bytes=");
    const std::size_t from = range == std::string::npos ? 0 : std::stoul(request.substr(range + 13));
    requests_.push_back(from ? path + " from " + std::to_string(from) : path);
    const auto found = pages_.find(path);
    if (found == pages_.end()) return "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    const auto& page = found->second;
    const bool part = from > 0 && page.ranges;
    const auto body = part ? page.content.substr(from) : page.content;
    std::string head = part ? "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes " + std::to_string(from) + "-" +
                                  std::to_string(page.content.size() - 1) + "/" + std::to_string(page.content.size()) +
                                  "\r\n"
                            : "HTTP/1.1 200 OK\r\n";
    head += "Content-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n";
    return head + body.substr(0, page.break_after);
  }

  std::map<std::string, Page> pages_;
  int socket_;
  int port_ = 0;
  std::vector<std::string> requests_;
  std::thread thread_;
};

}  // namespace assay
