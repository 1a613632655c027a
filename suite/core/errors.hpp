// The one family of exceptions that cross Assay's boundaries, and the exit codes of `bench`.
#pragma once

#include <stdexcept>
#include <string>

namespace assay {

enum class ExitCode : int {
  kOk = 0,
  kRunsFailed = 1,
  kUsage = 2,
  kDeclaration = 3,
  kData = 4,
  kStore = 5,
  kRegression = 6,
  kNotComparable = 7,
  kMachine = 8,  // no worker, disk full while writing pages, no process left
  kInterrupted = 130,
};

// What a user needs to mend it, in one line: "what: where: expected A, found B; do this". Empty parts are left out.
struct Problem {
  std::string what;      // the matter in a few words: "unknown key"
  std::string where;     // file and JSON pointer, flag, or path
  std::string expected;  // what would have been right
  std::string found;     // what was there
  std::string remedy;    // what to do, as a command where there is one

  std::string line() const;
};

class Error : public std::runtime_error {
 public:
  Error(ExitCode code, Problem problem);
  ExitCode code() const { return code_; }
  const Problem& problem() const { return problem_; }

 private:
  ExitCode code_;
  Problem problem_;
};

struct UsageError : Error {
  explicit UsageError(Problem problem) : Error(ExitCode::kUsage, std::move(problem)) {}
};
struct DeclarationError : Error {
  explicit DeclarationError(Problem problem) : Error(ExitCode::kDeclaration, std::move(problem)) {}
};
struct DataError : Error {
  explicit DataError(Problem problem) : Error(ExitCode::kData, std::move(problem)) {}
};
struct StoreError : Error {
  explicit StoreError(Problem problem) : Error(ExitCode::kStore, std::move(problem)) {}
};
struct MachineError : Error {
  explicit MachineError(Problem problem) : Error(ExitCode::kMachine, std::move(problem)) {}
};

}  // namespace assay
