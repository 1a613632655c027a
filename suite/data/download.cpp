#include "data/download.hpp"

#include <curl/curl.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "core/errors.hpp"
#include "core/files.hpp"
#include "core/hash.hpp"
#include "data/locate.hpp"

namespace assay {

namespace fs = std::filesystem;

namespace {

struct Transfer {
  const DataFile& file;
  const DownloadProgress& progress;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> part;
  std::uint64_t resumed_at = 0;
  int write_failure = 0;
};

std::size_t receive(char* bytes, std::size_t, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const auto written = std::fwrite(bytes, 1, count, transfer.part.get());
  if (written < count) transfer.write_failure = errno;
  return written;
}

int report(void* user, curl_off_t, curl_off_t now, curl_off_t, curl_off_t) {
  const auto& transfer = *static_cast<Transfer*>(user);
  return transfer.progress(transfer.file, transfer.resumed_at + static_cast<std::uint64_t>(now)) ? 0 : 1;
}

[[noreturn]] void fail(const DataFile& file, const std::string& what, const std::string& expected,
                       const std::string& found, const std::string& remedy) {
  throw DataError({what, file.url, expected, found, remedy});
}

[[noreturn]] void cannot_store(const fs::path& file, int failure) {
  throw MachineError({"cannot store the download", file.string(), "", std::strerror(failure),
                      failure == ENOSPC ? "free some space and repeat; what has arrived is kept"
                                        : "check the folder's permissions, or set ASSAY_CACHE to another folder"});
}

// A server that does not know ranges would send the file from its beginning, to be appended to the part: curl refuses
// that with CURLE_RANGE_ERROR (HTTP) or CURLE_BAD_DOWNLOAD_RESUME (file://), and a part that is too long gets HTTP
// status 416.
bool part_is_unusable(CURLcode result, long status) {
  return result == CURLE_RANGE_ERROR || result == CURLE_BAD_DOWNLOAD_RESUME || status == 416;
}

void explain(const Transfer& transfer, CURLcode result, long status, const char* detail) {
  const auto& file = transfer.file;
  const std::string again = "repeat the command to go on from there";
  if (result == CURLE_OK) return;
  if (result == CURLE_ABORTED_BY_CALLBACK) fail(file, "download interrupted", "", "", again);
  if (result == CURLE_HTTP_RETURNED_ERROR) {
    fail(file, "the server refused", "HTTP status 200", std::to_string(status),
         "look for the file at the data set's page");
  }
  if (result == CURLE_FILE_COULDNT_READ_FILE) fail(file, "no such file", "", "", "");
  if (result == CURLE_COULDNT_RESOLVE_HOST) fail(file, "unknown host", "", detail, "check the network connection");
  if (result == CURLE_PARTIAL_FILE) fail(file, "the connection broke off", "", detail, again);
  fail(file, "cannot download", "", *detail ? detail : curl_easy_strerror(result), again);
}

// One request, from the end of the part on. False: the part is of no use, and has been removed.
bool request(const DataFile& file, const fs::path& part, const DownloadProgress& progress) {
  std::error_code absent;
  const auto size = fs::file_size(part, absent);
  Transfer transfer{file, progress, {std::fopen(part.c_str(), "ab"), std::fclose}, absent ? 0 : size};
  if (!transfer.part) cannot_store(part, errno);

  const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
  char detail[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(curl.get(), CURLOPT_URL, file.url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, detail);
  curl_easy_setopt(curl.get(), CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT, 30L);
  curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_LIMIT, 1L);  // give up after a minute without a byte
  curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_TIME, 60L);
  curl_easy_setopt(curl.get(), CURLOPT_RESUME_FROM_LARGE, static_cast<curl_off_t>(transfer.resumed_at));
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, receive);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl.get(), CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFOFUNCTION, report);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFODATA, &transfer);
  const auto result = curl_easy_perform(curl.get());
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);

  if (std::fclose(transfer.part.release()) != 0 && transfer.write_failure == 0) transfer.write_failure = errno;
  if (transfer.write_failure != 0) cannot_store(part, transfer.write_failure);
  if (transfer.resumed_at > 0 && part_is_unusable(result, status)) {
    fs::remove(part);
    return false;
  }
  explain(transfer, result, status, detail);
  return true;
}

// Other bytes than declared are of no use for a second attempt.
void check_arrived(const DataFile& file, const fs::path& part) {
  const auto size = fs::file_size(part);
  const auto checksum = sha256_file(part);
  if (size == file.size && checksum == file.sha256) return;
  fs::remove(part);
  const bool wrong_size = size != file.size;
  fail(file, wrong_size ? "wrong size" : "wrong checksum",
       wrong_size ? std::to_string(file.size) + " bytes" : "SHA-256 " + file.sha256,
       wrong_size ? std::to_string(size) : checksum,
       "repeat the command; if it stays, the file has changed at its origin");
}

}  // namespace

fs::path download_folder(const DataSet& dataset) { return cache_folder() / "data" / dataset.id; }

void download(const DataFile& file, const fs::path& folder, const DownloadProgress& progress) {
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure) cannot_store(folder, failure.value());
  const FileLock lock(folder / (file.name + ".lock"));  // another process may be fetching it
  const auto target = folder / file.name;
  if (fs::exists(target) && sha256_file(target) == file.sha256) return;
  const auto part = folder / (file.name + ".part");
  if (fs::exists(part) && fs::file_size(part) >= file.size) fs::remove(part);
  if (!request(file, part, progress)) request(file, part, progress);
  check_arrived(file, part);
  fs::rename(part, target, failure);
  if (failure) cannot_store(target, failure.value());
}

int download_missing(const DataSet& dataset, const DownloadProgress& progress) {
  int fetched = 0;
  std::vector<std::string> by_hand;
  for (const auto& located : locate(dataset).files) {
    if (located.state == FileState::kSound) continue;
    if (located.file->url.empty()) {
      by_hand.push_back(located.file->name);
      continue;
    }
    download(*located.file, download_folder(dataset), progress);
    ++fetched;
  }
  if (by_hand.empty()) return fetched;
  throw DataError({"no address is declared for " + by_hand.front() +
                       (by_hand.size() > 1 ? " and " + std::to_string(by_hand.size() - 1) + " more" : ""),
                   "data set " + dataset.id, "", "", locate(dataset).remedy()});
}

}  // namespace assay
