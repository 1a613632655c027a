// What the store holds, as plain values.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/strict_json.hpp"

namespace assay {

// Failure classes of a run; "" stands for success.
namespace failure {
inline constexpr const char* kException = "exception";  // the method threw
inline constexpr const char* kAbort = "abort";          // SIGABRT: abort(), a failed assertion
inline constexpr const char* kCrash = "crash";          // SIGSEGV, SIGBUS, SIGFPE, SIGILL
inline constexpr const char* kKilled = "killed";        // any other signal that was not ours
inline constexpr const char* kOutOfMemory =
    "out-of-memory";                                     // over the limit, std::bad_alloc, or the kernel's OOM killer
inline constexpr const char* kTimeout = "timeout";       // over the time limit: asleep or busy
inline constexpr const char* kNonFinite = "non-finite";  // NaN or infinity in the loss or in a metric
inline constexpr const char* kMissingMetric = "missing-metric";  // ended well without a metric that the task requires
inline constexpr const char* kOutputFlood = "output-flood";      // wrote more to stdout and stderr than is allowed
inline constexpr const char* kData = "data";                     // a data file changed, is damaged or gone
inline constexpr const char* kDiskFull = "disk-full";            // ENOSPC, while writing an artefact or a result
inline constexpr const char* kExit = "exit";                     // ended by exit() before it gave a result
inline constexpr const char* kWorkerLost = "worker-lost";        // the worker died under it, three times
}  // namespace failure

struct SourceFile {
  std::string path, sha256;
};

// The sources that a method was built from. The id is the code fingerprint.
struct Code {
  std::string id, revision;  // revision: of git, "" outside a checkout
  bool dirty = false;        // the checkout had uncommitted changes
  std::vector<SourceFile> sources;
};

struct Environment {
  std::string id;  // SHA-256 of the body's canonical JSON, first 16 digits
  Json body;       // cpu, os, compiler, flags, libtorch, device, threads, isa
};

// One place of the matrix.
struct Cell {
  std::string task, setting, tier, method, label;  // label: the method with its unusual parameters, "sam[rho=0.1]"
  std::int64_t seed = 0;
  Json parameters;  // of the method, all of them
  Json protocol;    // {"setting": ..., "budget": ..., "dataset": ...}: what the task was asked to do
};

struct Prediction {
  std::string name;                 // "test": what was predicted on
  std::string dtype;                // "u8", "i32", "f32", little endian
  std::vector<std::int64_t> shape;  // row-major
  std::string bytes;
};

struct Picture {
  std::string sha256, media_type, bytes;  // image/png
};

// One attempt at a run key on one environment.
struct Execution {
  std::string key;  // the run key
  Cell cell;
  std::string code, environment;  // ids
  std::string data;               // digest of the data set's checksums
  std::string failure;            // "" = ok
  std::string message;            // one line that says why it failed
  std::string log_tail;           // the last lines that the run printed
  std::string digest;             // SHA-256 of everything the method gave: equal digests, equal bits
  std::int64_t started_ms = 0;    // Unix time
  double seconds = 0;             // from fork to the end of the child
  double cpu_seconds = 0;
  std::int64_t peak_memory_kb = 0;
  std::map<std::string, double> metrics;
  std::map<std::string, std::vector<double>> curves;  // one value an epoch (or round); NaN where there is none
  std::vector<Prediction> predictions;
  Json exhibit;  // examples to show: see learn/reporter.hpp; null if none
  Json notes;    // what the protocol did: realised noise rate, transition matrix, ...; an object or null
  std::vector<Picture> pictures;
};

// A current execution as the pages need it (without curves, predictions, exhibit, notes: asked for one by one).
struct Result {
  std::int64_t id = 0;
  std::string key, task, setting, tier, method, label, parameters, environment, code, failure, message, digest;
  std::int64_t seed = 0, started_ms = 0, peak_memory_kb = 0;
  double seconds = 0, cpu_seconds = 0;
  std::vector<std::pair<std::string, double>> metrics;
  bool ok() const { return failure.empty(); }
};

}  // namespace assay
