// SHA-256 of bytes and files (OpenSSL). Digests are lower-case hexadecimal text of 64 characters.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace assay {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256(const Sha256& other);  // continues from the same state: a shared prefix is hashed once
  Sha256& update(std::string_view bytes);
  std::string hex();  // ends the computation

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

std::string sha256(std::string_view bytes);
std::string sha256_file(const std::filesystem::path& file);  // DataError where the file cannot be read

}  // namespace assay
