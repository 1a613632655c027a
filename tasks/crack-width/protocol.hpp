// Crack width: what a method receives, what it returns, and how methods register.
//
// A method sees a binary mask and a check point, an integer pixel in it; it answers with the width in pixels, or not at
// all. True widths, centre lines and headings stay on the protocol's side. What a card lists under needs.privileged is
// handed out through Privileged and earns a badge. Nothing is trained; whoever wants to know how wide cracks are in
// general may look at the widths of a calibration set. No LibTorch.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/strict_json.hpp"
#include "crack-width/chord.hpp"
#include "crack-width/mask_facts.hpp"
#include "crack-width/medial.hpp"
#include "learn/granted.hpp"
#include "learn/registry.hpp"

namespace assay::crack_width {

class Privileged {
 public:
  Privileged() = default;
  Privileged(Granted granted, double heading) : granted_(std::move(granted)), heading_(heading) {}

  double heading() const;  // radians, the true direction of the crack; DeclarationError where the card does not list it

 private:
  Granted granted_;
  double heading_ = 0;
};

struct Question {
  Pixel at;  // the check point
  Privileged privileged;
};

struct Measurement {
  double width = 0;                   // pixels
  std::optional<Chord> chord = {};    // what was measured, for the picture
  std::optional<Disc> disc = {};      // the same, where it was a disc
  std::string_view stage = "direct";  // by which of its ways a method with several came to the answer
};

// True widths of check points in scenes of another set than those that are asked about.
using Calibration = std::function<std::vector<double>()>;

class Method {
 public:
  using Interface = Method;
  static constexpr const char* kTask = "crack-width";

  virtual ~Method() = default;
  virtual void start(const Calibration&) {}  // once a run
  // Once a mask, timed apart: asks for the facts that `measure` will need. They live until the next call.
  virtual void prepare(const MaskFacts& facts) = 0;
  virtual std::optional<Measurement> measure(const Question& question) = 0;
};

}  // namespace assay::crack_width
