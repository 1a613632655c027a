// A headless Chromium, driven over its DevTools protocol on two pipes: no port, no wait for one, no second connection.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "core/strict_json.hpp"

namespace assay {

class Chromium {
 public:
  Chromium();   // MachineError with what to install where there is none
  ~Chromium();  // ends it and all that it started
  Chromium(const Chromium&) = delete;
  Chromium& operator=(const Chromium&) = delete;

  // Opens a file in a window of this width and waits until it is loaded. Forgets what was seen of the page before.
  void open(const std::filesystem::path& page, int width, bool dark, bool scripts = true);
  Json evaluate(const std::string& script);  // the value of a JavaScript expression
  void press(const std::string& key, int code);

  const std::vector<std::string>& complaints() const {
    return complaints_;
  }                                                                       // console errors, exceptions, failed loads
  const std::vector<std::string>& requests() const { return requests_; }  // URLs that the page asked for

 private:
  Json call(const std::string& method, const Json& parameters);
  Json read_message();
  void note(const Json& event);

  std::filesystem::path profile_;
  pid_t process_ = -1;
  int to_ = -1, from_ = -1;
  int next_id_ = 1;
  bool loaded_ = false;
  std::string session_, buffer_;
  std::vector<std::string> complaints_, requests_;
};

}  // namespace assay
