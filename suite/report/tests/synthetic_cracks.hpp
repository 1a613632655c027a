// Two more made-up tasks, beside synthetic.hpp's: "cracks", ranked by two scores that are no means over examples, with
// pictures, a legend, and methods that draw nothing among others; and "widths", where no method draws anything and one
// seed runs.
#pragma once

#include <array>
#include <cstdint>

#include "report/tests/synthetic.hpp"

namespace assay::synthetic {

// A PNG of 8 bits a channel (1: grey, 4: RGB with opacity), not compressed.
class Png {
 public:
  static std::string of(const std::string& pixels, std::uint32_t channels, std::uint32_t height, std::uint32_t width) {
    std::string lines;
    for (std::uint32_t y = 0; y < height; ++y) {
      lines += '\0';
      lines += pixels.substr(std::size_t{y} * width * channels, std::size_t{width} * channels);
    }
    const std::string kind{'\10', channels == 4 ? '\6' : '\0', '\0', '\0', '\0'};
    return "\x89PNG\r\n\x1a\n" + chunk("IHDR", big(width) + big(height) + kind) + chunk("IDAT", stored(lines)) +
           chunk("IEND", "");
  }

 private:
  static std::string big(std::uint32_t value) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift);
    return bytes;
  }
  static std::string chunk(const std::string& name, const std::string& content) {
    std::uint32_t crc = 0xffffffff;
    for (const char c : name + content) {
      crc ^= static_cast<unsigned char>(c);
      for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? 0xedb88320 ^ (crc >> 1) : crc >> 1;
    }
    return big(static_cast<std::uint32_t>(content.size())) + name + content + big(~crc);
  }
  static std::string stored(const std::string& bytes) {  // zlib, blocks that are not compressed
    std::string out{'\x78', '\1'};
    std::uint32_t a = 1, b = 0;
    for (std::size_t at = 0; at < bytes.size(); at += 65535) {
      const auto block = bytes.substr(at, 65535);
      const auto size = static_cast<std::uint16_t>(block.size()), inverse = static_cast<std::uint16_t>(~size);
      out += at + block.size() == bytes.size() ? '\1' : '\0';
      for (const auto word : {size, inverse}) out += {static_cast<char>(word), static_cast<char>(word >> 8)};
      out += block;
    }
    for (const char c : bytes) a = (a + static_cast<unsigned char>(c)) % 65521, b = (b + a) % 65521;
    return out + big(b << 16 | a);
  }
};

struct CrackMethod {
  std::string id, role;
  bool deterministic;
  double level;  // of its score
};
inline const std::vector<CrackMethod> kCrackMethods{
    {"all-background", "reference", true, 0.02}, {"second-annotator", "reference", false, 0.9},
    {"unet", "baseline", false, 0.74},           {"otsu", "baseline", true, 0.31},
    {"canny", "baseline", true, 0.42},           {"deep-crack", "paper", false, 0.78},
    {"context-flow", "paper", false, 0.77},      {"hierarchical-boosting", "paper", false, 0.71},
    {"holistic-edges", "paper", false, 0.66},    {"crack-former", "paper", false, 0.8}};
inline const std::vector<CrackMethod> kWidthMethods{{"one-width", "reference", true, 3.1},
                                                    {"known-direction", "reference", true, 0.2},
                                                    {"distance-transform", "baseline", true, 0.9},
                                                    {"principal-axes", "paper", true, 0.5},
                                                    {"shortest-chord", "paper", true, 0.55}};

inline Json crack_metric(const std::string& name, const std::string& title, const std::string& unit = "") {
  Json made = metric(name, title, unit, unit.empty() ? "higher" : "lower");
  made["decimals"] = 3;
  if (unit.empty()) made.erase("unit"), made["bounds"] = {0, 1};
  return made;
}

inline Json crack_task(const std::string& id, const Json& metrics, const std::vector<std::int64_t>& seeds) {
  return {
      {"id", id},
      {"title", id == "cracks" ? "Pavement cracks" : "Crack width"},
      {"description", "Marks cracks in pictures of pavement, or measures them."},
      {"output", "crack probability of each pixel"},
      {"metrics", metrics},
      {"curves", Json::array()},
      {"tiers", {{"quick", {{"seeds", seeds}, {"budget", Json::object()}, {"time_limit_s", 60}, {"memory_mb", 2000}}}}},
      {"settings",
       {{{"id", "generated"},
         {"title", "Generated pavement"},
         {"summary", "Centre lines, widths and masks are known exactly."},
         {"dataset", "garments"},
         {"parameters", Json::object()},
         {"tiers", {"quick"}}}}}};
}

// Adds the two tasks to a checkout that make_checkout made.
inline Catalog add_cracks(const fs::path& root) {
  const auto put = [&](const std::string& path, const Json& value) { write_file(root / path, value.dump(1)); };
  Json ods = crack_metric("ods", "ODS"), mae = crack_metric("mae", "MAE", "px");
  ods["ranks"] = mae["ranks"] = true;
  Json cracks = crack_task(
      "cracks",
      {ods, crack_metric("ois", "OIS"), crack_metric("ap", "AP, exact"),
       crack_metric("best_iou", "Intersection over union at the best threshold"), crack_metric("patch_ap", "Patch AP"),
       crack_metric("patch_f1", "Patch F1"), crack_metric("ods_tau1", "ODS, 1 px")},
      {0, 1, 2});
  cracks["baseline"] = "unet", cracks["floor"] = "all-background", cracks["ceiling"] = "second-annotator";
  cracks["views"] = {{{"id", "patches"},
                      {"title", "Patches of 16 px"},
                      {"summary", "The same maps as patches: does a patch hold a crack?"},
                      {"metric", "patch_ap"},
                      {"shows", {"patch_f1", "ods"}}}};
  cracks["legend"] = {{{"colour", "#56b4e9"}, {"meaning", "crack, found"}},
                      {{"colour", "#f0e442"}, {"meaning", "false alarm"}},
                      {{"colour", "#d55e00"}, {"meaning", "crack, missed"}}};
  put("tasks/cracks/task.json", cracks);
  Json widths = crack_task("widths", {mae, crack_metric("bias", "Bias", "px")}, {0});
  widths["baseline"] = "distance-transform", widths["floor"] = "one-width", widths["ceiling"] = "known-direction";
  put("tasks/widths/task.json", widths);
  for (const auto& [task, methods] : {std::pair{"cracks", &kCrackMethods}, {"widths", &kWidthMethods}}) {
    for (const auto& method : *methods) {
      Json card = method_card(method.id, method.role);
      card["parameters"] = card["claims"] = Json::array();
      card["deterministic"] = method.deterministic;
      put("baselines/" + std::string(task) + "/" + method.id + ".json", card);
    }
  }
  return read_catalog(root);
}

// `count` values around `level` that all methods' examples share in part, with their mean.
inline std::vector<float> contributions_of(double level, double training, std::size_t count, Stream own) {
  Stream shared(9);
  std::vector<float> values(count);
  for (auto& value : values)
    value = static_cast<float>(level + training + 0.12 * shared.normal() + 0.04 * own.normal());
  return values;
}

inline void contribute(Execution& run, const std::string& metric, const std::vector<float>& values) {
  double sum = 0;
  for (const auto value : values) sum += value;
  run.metrics[metric] = sum / static_cast<double>(values.size());
  run.predictions.push_back({"contribution:" + metric,
                             "f32",
                             {static_cast<std::int64_t>(values.size())},
                             {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)}});
}

inline constexpr std::uint32_t kPavement = 128;

// Whether a pixel is in the crack of example `i`: a line that wanders.
inline double crack_distance(int i, double x, double y) {
  return std::abs(y - (30 + 10 * i % 60 + 0.3 * x + 6 * std::sin(x / 9 + i)));
}

// The photograph, its truth, and what a method of this level gave: its map, and an overlay of found, missed and false.
inline Json crack_example(Execution& run, int i, double level, Stream stream) {
  Stream grain(static_cast<std::uint64_t>(i));
  std::string photograph, truth, map, overlay;
  for (std::uint32_t y = 0; y < kPavement; ++y) {
    for (std::uint32_t x = 0; x < kPavement; ++x) {
      const bool crack = crack_distance(i, x, y) < 2;
      const bool given = stream.uniform() < (crack ? level : 0.02 * (1 - level));
      photograph += static_cast<char>((crack ? 50 : 120) + static_cast<int>(grain.below(50)));
      truth += crack ? '\xff' : '\0';
      map += static_cast<char>(given ? 200 + static_cast<int>(stream.below(55)) : static_cast<int>(stream.below(60)));
      overlay += crack && given ? "\x56\xb4\xe9\xff"
                 : crack        ? std::string("\xd5\x5e\0\xff", 4)
                 : given        ? "\xf0\xe4\x42\xff"
                                : std::string(4, '\0');
    }
  }
  const auto keep = [&](const std::string& pixels, std::uint32_t channels) {
    const auto bytes = Png::of(pixels, channels, kPavement, kPavement);
    run.pictures.push_back({sha256(bytes), "image/png", bytes});
    return run.pictures.back().sha256;
  };
  const auto below = keep(photograph, 1);
  return {
      {"id", "scene " + std::to_string(i)},
      {"shared", {{{"title", "photograph"}, {"picture", below}}, {{"title", "truth"}, {"picture", keep(truth, 1)}}}},
      {"answer",
       {{"caption", "F 0." + std::to_string(static_cast<int>(100 * level))},
        {"pictures",
         {{{"title", "found, missed, false"}, {"picture", keep(overlay, 4)}, {"over", below}},
          {{"title", "probability"}, {"picture", keep(map, 1)}}}}}}};
}

inline Execution crack_run(const std::string& task, const CrackMethod& method, std::int64_t seed,
                           const Environment& env) {
  Execution run;
  run.cell = {task, "generated", "quick", method.id, method.id, seed, Json::object(), Json::object()};
  run.key = sha256(task + method.id + std::to_string(seed));
  run.code = code_of(method.id).id;
  run.environment = env.id;
  run.data = "data";
  run.started_ms = 1764040455000 + seed;
  run.seconds = run.cpu_seconds = 3 + 20 * Streams(4).stream(method.id).uniform();
  const auto drawn = method.deterministic ? 0 : seed;
  Stream training = Streams(drawn).stream("training/" + method.id);
  const double noise = method.deterministic ? 0 : 0.012 * training.normal();
  const auto own = Streams(drawn).stream("own/" + method.id);
  if (task == "widths") {
    contribute(run, "mae", contributions_of(method.level, 0, 12, own));
    run.metrics["bias"] = 0.1 * method.level;
  } else {
    contribute(run, "ods", contributions_of(method.level, noise, 24, own));
    // Another order than by pixels: small cracks count less.
    contribute(run, "patch_ap",
               contributions_of(method.id == "context-flow" ? 0.95 : 0.9 * method.level, noise, 24, own));
    for (const auto* name : {"ois", "ap", "best_iou", "patch_f1", "ods_tau1"}) {
      run.metrics[name] = run.metrics["ods"] - 0.02 * training.uniform();
    }
    if (seed == 0) {
      run.exhibit = Json::array();
      for (int i = 0; i < 3; ++i) run.exhibit.push_back(crack_example(run, i, method.level, own));
    }
  }
  run.digest = sha256(task + method.id + std::to_string(drawn));
  return run;
}

inline void fill_cracks(Store& store) {
  const auto env = environment("AMD EPYC 7B13");
  for (const auto& method : kCrackMethods) {
    for (std::int64_t seed = 0; seed < 3; ++seed) {
      store.record(crack_run("cracks", method, seed, env), code_of(method.id), env, false);
    }
  }
  for (const auto& method : kWidthMethods)
    store.record(crack_run("widths", method, 0, env), code_of(method.id), env, false);
}

}  // namespace assay::synthetic
