#include "core/errors.hpp"

#include "core/text.hpp"

namespace assay {

std::string Problem::line() const {
  std::string text = where.empty() ? what : where + ": " + what;
  if (!expected.empty()) text += ": expected " + expected;
  if (!found.empty()) text += (expected.empty() ? ": found " : ", found ") + found;
  if (!remedy.empty()) text += "; " + remedy;
  return one_line(text);
}

Error::Error(ExitCode code, Problem problem)
    : std::runtime_error(problem.line()), code_(code), problem_(std::move(problem)) {}

}  // namespace assay
