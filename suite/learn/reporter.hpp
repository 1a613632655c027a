// How a running method's protocol tells the outside world what happens. LibTorch-free, so that tests can stand in for
// it.
//
// An exhibit is a list of examples that a page shows side by side for several methods. Each example is
//   {"id": "1042", "shared": [{"title": "image", ...cell}, {"title": "given label", ...cell}, ...], "answer": {...cell}}
// `shared` is equal for every method of one (task, setting, tier, seed); `answer` is this method's. A cell has any of
//   "caption": "shirt", "verdict": "right" | "memorised" | "wrong" | "neutral",
//   "picture": "<sha256>" or "pictures": [{"picture": "<sha256>", "title": "probability", "over": "<sha256>"}, ...]
// Pictures stand one below the other, each with its title (may be left out). "over" names another picture of the same
// size that shows through where this one, with an opacity channel, is transparent. A page holds each picture once,
// however often it is shown: give the same bytes again for the photograph below a method's answer. Sizes of PNG are
// kept, pixels enlarged by whole numbers; pictures of up to 56 pixels are icons, shown 56 wide. What the colours mean
// is declared in task.json ("legend").
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/strict_json.hpp"

namespace assay {

class Reporter {
 public:
  virtual ~Reporter() = default;

  // The end of an epoch or round, 1-based: values go to the curves of these names and to the live display.
  virtual void epoch(std::int64_t epoch, std::int64_t of, const std::map<std::string, double>& values) = 0;
  // A name with "seconds" in it tells of the machine: two executions of a run need not share it.
  virtual void metric(const std::string& name, double value) = 0;
  // Stored with the execution, below 8 MiB in all. dtype "u8", "i32" or "f32".
  virtual void prediction(const std::string& name, const std::string& dtype, const std::vector<std::int64_t>& shape,
                          std::string bytes) = 0;
  // Bytes that two executions of the run must share: hashed into the execution's digest, not stored.
  virtual void digest(std::string_view bytes) = 0;
  virtual std::string picture(const std::string& media_type, std::string bytes) = 0;  // returns its SHA-256
  virtual void exhibit(Json examples) = 0;
  virtual void note(const std::string& name, Json value) = 0;
};

}  // namespace assay
