// A made-up checkout and store for tests and benchmarks of the pages: every figure comes from named random streams.
#pragma once

#include <stdlib.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "catalog/catalog.hpp"
#include "core/files.hpp"
#include "core/hash.hpp"
#include "core/streams.hpp"
#include "store/store.hpp"

namespace assay::synthetic {

namespace fs = std::filesystem;

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (fs::temp_directory_path() / "assay-site-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

struct Size {
  std::size_t settings = 3, methods = 12;  // methods: besides the references "constant" and "oracle"
  std::size_t seeds = 3, epochs = 20;
  bool predictions = true, pictures = true;
};

inline std::string method_id(std::size_t index) {
  static const std::vector<std::string> known{"cross-entropy", "label-smoothing", "mixup",     "gce",
                                              "co-teaching",   "dividemix",       "elr",       "sop",
                                              "jocor",         "forward",         "peer-loss", "robust-early"};
  return index < known.size() ? known[index] : "method-" + std::to_string(index);
}

inline Json method_card(const std::string& id, const std::string& role) {
  Json card{
      {"id", id},
      {"name", id == "gce" ? "Generalised cross entropy" : id},
      {"role", role},
      {"summary", "What " + id + " does, in one sentence of the usual length, so that the page shows how it wraps."},
      {"parameters", Json::array()},
      {"needs", {{"device", "any"}}},
      {"differences", Json::array({"The network is smaller than the paper's."})},
      {"reconstructed", Json::array()},
      {"claims", Json::array()}};
  if (role == "paper") {
    card["paper"] = {{"authors", {"A. Author", "B. Author"}},
                     {"title", "Learning with " + id},
                     {"venue", "NeurIPS"},
                     {"year", 2018},
                     {"url", "https://example.org/" + id},
                     {"bibtex", "@inproceedings{" + id + "}"}};
    card["parameters"].push_back({{"name", "q"},
                                  {"type", "real"},
                                  {"default", 0.7},
                                  {"meaning", "between cross entropy and MAE"},
                                  {"published", "0.7"},
                                  {"why", "As in the paper."}});
    card["claims"].push_back({{"id", "beats"},
                              {"says", id + " is better than cross entropy under symmetric noise"},
                              {"source", "Table 2"},
                              {"setting", "setting-0"},
                              {"metric", "accuracy"},
                              {"method", id},
                              {"against", "cross-entropy"},
                              {"direction", "higher"},
                              {"margin", 0.5},
                              {"reported", {{"method", 89.9}, {"against", 76.2}}}});
  }
  return card;
}

inline Json metric(const std::string& name, const std::string& title, const std::string& unit,
                   const std::string& direction) {
  return {{"name", name},           {"title", title}, {"unit", unit}, {"meaning", "What " + title + " means."},
          {"direction", direction}, {"decimals", 1}};
}

inline Json task_json(const Size& size) {
  Json accuracy = metric("accuracy", "Test accuracy", "%", "higher"),
       best = metric("accuracy_best_test", "Best epoch on test", "%", "higher");
  accuracy["ranks"] = true;
  accuracy["bounds"] = {0, 100};
  best["diagnostic"] = best["selection"] = true;
  best["required"] = false;
  std::vector<std::int64_t> seeds(size.seeds);
  for (std::size_t i = 0; i < size.seeds; ++i) seeds[i] = static_cast<std::int64_t>(i);
  const auto tier = [&](const std::vector<std::int64_t>& list) {
    return Json{{"seeds", list},
                {"budget", {{"epochs", size.epochs}, {"images", 4000}}},
                {"time_limit_s", 60},
                {"memory_mb", 2000}};
  };
  Json settings = Json::array();
  for (std::size_t i = 0; i < size.settings; ++i) {
    settings.push_back({{"id", "setting-" + std::to_string(i)},
                        {"title", "Garments, " + std::to_string(20 + 20 * i) + " % symmetric noise"},
                        {"summary", "Small grey pictures of garments; a share of the training labels is drawn again."},
                        {"dataset", "garments"},
                        {"parameters", {{"kind", "symmetric"}, {"rate", 0.2 + 0.2 * static_cast<double>(i)}}},
                        {"tiers", {"smoke", "quick"}}});
  }
  return {{"id", "noise"},
          {"title", "Learning with noisy labels"},
          {"description", "Train a classifier on labels of which some are wrong; test it on clean ones."},
          {"output", "class probabilities per image"},
          {"baseline", "cross-entropy"},
          {"floor", "constant"},
          {"ceiling", "oracle"},
          {"metrics",
           {accuracy, metric("calibration", "Calibration error", "%", "lower"),
            metric("memorised", "Memorised", "%", "lower"), best}},
          {"curves",
           {{{"name", "test_accuracy"}, {"title", "Test accuracy"}, {"unit", "%"}},
            {{"name", "loss"}, {"title", "Training loss"}}}},
          {"tiers", {{"smoke", tier({0})}, {"quick", tier(seeds)}}},
          {"settings", settings}};
}

// Declarations under `root`, with the templates and assets of the source tree.
inline Catalog make_checkout(const fs::path& root, const Size& size, const fs::path& source) {
  const auto put = [&](const std::string& path, const Json& value) { write_file(root / path, value.dump(1)); };
  put("tasks/noise/task.json", task_json(size));
  put("tasks/datasets/garments.json", {{"id", "garments"},
                                       {"title", "Garments"},
                                       {"reader", "idx"},
                                       {"licence", "MIT"},
                                       {"citation", "Made up, 2026"},
                                       {"pictures_allowed", true},
                                       {"origin", {{"homepage", "https://example.org/garments"}}},
                                       {"files", {{{"name", "a"}, {"sha256", std::string(64, '0')}, {"size", 1}}}}});
  put("baselines/noise/constant.json", method_card("constant", "reference"));
  put("baselines/noise/oracle.json", method_card("oracle", "reference"));
  for (std::size_t i = 0; i < size.methods; ++i) {
    put("baselines/noise/" + method_id(i) + ".json", method_card(method_id(i), i < 3 ? "baseline" : "paper"));
  }
  fs::create_directories(root / "reports");
  fs::copy(source / "reports" / "templates", root / "reports" / "templates", fs::copy_options::recursive);
  fs::copy(source / "reports" / "assets", root / "reports" / "assets", fs::copy_options::recursive);
  return read_catalog(root);
}

inline Environment environment(const std::string& cpu) {
  const Json body{{"cpu", cpu},      {"os", "Debian 12"}, {"compiler", "g++ 12.2"}, {"libtorch", "2.13.0"},
                  {"device", "cpu"}, {"threads", 1},      {"isa", "avx2"}};
  return {sha256(body.dump()).substr(0, 16), body};
}

inline Code code_of(const std::string& method) {
  return {sha256("code " + method),
          "3fef4de",
          true,
          {{"baselines/noise/" + method + ".cpp", sha256(method)}, {"suite/learn/training.cpp", sha256("training")}}};
}

// How good a method is in a setting: spread over 25 points, some pairs nearly equal.
inline double skill(std::size_t method, std::size_t setting) {
  Stream stream(Streams(7).stream("skill/" + std::to_string(method / 2)));
  return 70 + 18 * stream.uniform() + static_cast<double>(method % 2) * 0.3 - 6 * static_cast<double>(setting);
}

inline Execution execution_of(const Size& size, const std::string& method, double level, std::size_t setting,
                              std::int64_t seed, const std::string& tier, const Environment& env) {
  const auto name = method + "/" + std::to_string(setting) + "/" + tier;
  Stream stream = Streams(seed).stream(name);
  Execution run;
  const auto setting_id = "setting-" + std::to_string(setting);
  run.cell = {"noise", setting_id, tier,           method,
              method,  seed,       Json::object(), Json{{"setting", setting_id}, {"epochs", size.epochs}}};
  if (method != "constant" && method != "oracle" && method.find("method-") != 0) run.cell.parameters = {{"q", 0.7}};
  run.key = sha256(name + std::to_string(seed));
  run.code = code_of(method).id;
  run.environment = env.id;
  run.data = "data";
  run.started_ms = 1764040455000 + 1000 * seed;
  run.seconds = 4 + 30 * Streams(3).stream("cost/" + method).uniform() + stream.uniform();
  run.cpu_seconds = run.seconds * 0.98;
  run.peak_memory_kb = 240000;
  run.log_tail = "epoch 1 of 20\nepoch 20 of 20: loss 0.31\n";
  const double target = method == "constant" ? 10 : std::clamp(level + 0.6 * stream.normal(), 0.0, 100.0);
  const std::size_t examples = 2000;
  std::size_t right = static_cast<std::size_t>(target / 100 * static_cast<double>(examples));
  if (size.predictions) {
    Prediction test{"test", "u8", {static_cast<std::int64_t>(examples)}, std::string(examples, '\0')};
    Prediction truth{"target", "u8", test.shape, std::string(examples, '\0')};
    Stream order = Streams(seed).stream("examples");  // easy examples are easy for all
    right = 0;
    for (std::size_t i = 0; i < examples; ++i) {
      truth.bytes[i] = static_cast<char>(order.below(10));
      const double ease = order.uniform();
      const bool good = method == "constant" ? truth.bytes[i] == 3 : 0.8 * ease + 0.2 * stream.uniform() < target / 100;
      test.bytes[i] = method == "constant" ? '\3'
                      : good               ? truth.bytes[i]
                                           : static_cast<char>((truth.bytes[i] + 1) % 10);
      right += test.bytes[i] == truth.bytes[i];
    }
    run.predictions = {test, truth};
  }
  const double accuracy = 100.0 * static_cast<double>(right) / static_cast<double>(examples);
  run.metrics = {{"accuracy", accuracy},
                 {"calibration", 3 + 4 * stream.uniform()},
                 {"memorised", 12 + 10 * stream.uniform()},
                 {"accuracy_best_test", accuracy + 2 * stream.uniform()}};
  for (std::size_t epoch = 1; epoch <= size.epochs; ++epoch) {
    const double done = 1 - std::exp(-4.0 * static_cast<double>(epoch) / static_cast<double>(size.epochs));
    run.curves["test_accuracy"].push_back(10 + (accuracy - 10) * done + 0.8 * stream.normal());
    run.curves["loss"].push_back(2.3 * (1.1 - done) + 0.02 * stream.uniform());
  }
  run.digest = sha256(name + std::to_string(seed) + std::to_string(accuracy));
  run.notes = {{"realised_noise_rate", 0.2 * static_cast<double>(setting + 1)},
               {"transition", {{0.8, 0.1, 0.1}, {0.1, 0.8, 0.1}, {0, 0.2, 0.8}}}};
  return run;
}

inline void fail(Execution& run, const std::string& failure, const std::string& message) {
  run.failure = failure;
  run.message = message;
  run.metrics.clear();
  run.curves.clear();
  run.predictions.clear();
  run.exhibit = nullptr;
  run.digest.clear();
}

inline void show_examples(Execution& run, Stream stream) {
  static const std::vector<std::string> names{"shirt", "coat", "dress", "bag", "boot", "trousers"};
  Stream same(5);
  run.exhibit = Json::array();
  for (int i = 0; i < 6; ++i) {
    // A bitmap, which browsers show as well as PNG: 8 x 8, 24 bits.
    std::string bitmap("BM\x36\x01\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x08\0\0\0\x08\0\0\0\x01\0\x18\0\0\0\0\0\0\x01\0\0",
                       38);
    bitmap.append(16, '\0');
    for (int pixel = 0; pixel < 64; ++pixel)
      bitmap.append(3, static_cast<char>(same.below(200) + 40 * (pixel % 8 > 1 && pixel % 8 < 6)));
    const auto hash = sha256(bitmap);
    run.pictures.push_back({hash, "image/bmp", bitmap});
    const auto clean = names[static_cast<std::size_t>(i)], given = names[static_cast<std::size_t>((i + i % 2) % 6)];
    const double draw = stream.uniform();
    const std::string verdict = draw < 0.6 ? "right" : draw < 0.8 && clean != given ? "memorised" : "wrong";
    run.exhibit.push_back({{"id", std::to_string(100 + i)},
                           {"shared",
                            {{{"title", "image"}, {"picture", hash}},
                             {{"title", "given label"}, {"caption", given}},
                             {{"title", "clean label"}, {"caption", clean}}}},
                           {"answer",
                            {{"caption", verdict == "right"       ? clean
                                         : verdict == "memorised" ? given
                                                                  : "sandal"},
                             {"verdict", verdict}}}});
  }
}

// Fills a store: one collapsed method, failures of two classes, missing cells, a second environment with fewer runs.
inline void fill(Store& store, const Size& size) {
  const auto main = environment("AMD EPYC 7B13"), other = environment("Intel Xeon Platinum 8481C");
  std::vector<std::pair<std::string, std::size_t>> methods{{"constant", 0}, {"oracle", 0}};
  for (std::size_t i = 0; i < size.methods; ++i) methods.emplace_back(method_id(i), i);
  for (std::size_t setting = 0; setting < size.settings; ++setting) {
    for (const auto& [method, index] : methods) {
      for (std::size_t s = 0; s < size.seeds; ++s) {
        const auto seed = static_cast<std::int64_t>(s);
        double level = method == "oracle" ? 93 : skill(index, setting);
        if (method == "peer-loss" && setting == 1) level = 14;
        if (method == "robust-early" && setting == 2) continue;                  // never run
        if (method == "jocor" && setting == 0 && s + 1 == size.seeds) continue;  // a missing cell
        auto run = execution_of(size, method, level, setting, seed, "quick", main);
        if (size.pictures && s == 0) show_examples(run, Streams(seed).stream("show/" + method));
        if (method == "dividemix" && setting == 0 && s == 1)
          fail(run, failure::kTimeout, "over the time limit of 60 s: busy in epoch 14 of 20");
        if (method == "sop" && setting == 2) fail(run, failure::kNonFinite, "loss: NaN in epoch 3");
        store.record(run, code_of(method), main, false);
        if (setting == 0 && s == 0 && index < 3) {
          run.environment = other.id;
          if (index == 1) run.digest = sha256("other bits");
          store.record(run, code_of(method), other, false);
        }
      }
    }
  }
}

}  // namespace assay::synthetic
