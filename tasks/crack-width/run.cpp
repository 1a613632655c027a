// Runs one job of the task: scenes, method, timed measurements, report.
#include "crack-width/run.hpp"

#include <chrono>

#include "core/statistics.hpp"
#include "crack-width/exhibit.hpp"
#include "crack-width/protocol.hpp"

namespace assay::crack_width {

namespace {

constexpr int kRepeats = 5;  // of what is timed; the median counts

struct SceneSet {
  std::int64_t scenes = 0, side = 0;
  std::uint64_t seed = 0, calibration_seed = 0;
  cracks::Edges edges = cracks::Edges::kClean;
};

SceneSet read_set(const Job& job) {
  SceneSet set;
  StrictObject setting(job.setting_parameters, "setting " + job.setting, "parameters");
  set.seed = static_cast<std::uint64_t>(setting.integer("seed"));
  set.calibration_seed = static_cast<std::uint64_t>(setting.integer("calibration_seed"));
  const bool clean = setting.choice("edges", {"clean", "rough"}) == "clean";
  set.edges = clean ? cracks::Edges::kClean : cracks::Edges::kRough;
  setting.done();
  StrictObject budget(job.budget, "tier " + job.tier, "budget");
  set.scenes = budget.integer("scenes");
  set.side = budget.integer("side");
  budget.done();
  return set;
}

// The set seeds are the same for every run seed: nothing here draws from the run's streams.
std::vector<Scene> make_scenes(const SceneSet& set, std::uint64_t seed) {
  std::vector<Scene> scenes;
  for (std::int64_t i = 0; i < set.scenes; ++i) {
    scenes.push_back(cracks::make_width_scene(seed, static_cast<std::uint64_t>(i), set.side, set.edges));
  }
  return scenes;
}

std::vector<double> true_widths(const std::vector<Scene>& scenes) {
  std::vector<double> widths;
  for (const auto& scene : scenes) {
    for (const auto& point : scene.points) widths.push_back(point.width);
  }
  return widths;
}

// Median of the seconds that `work` takes on this thread.
template <typename Work>
double median_seconds(const Work& work) {
  std::vector<double> seconds;
  for (int i = 0; i < kRepeats; ++i) {
    const auto begun = std::chrono::steady_clock::now();
    work();
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
  }
  return median(seconds);
}

class SceneRun {
 public:
  SceneRun(const Scene& scene, Method& method, const std::vector<std::string>& granted)
      : scene_(scene), method_(method) {
    measured_.answers.resize(scene.points.size());
    for (const auto& point : scene.points) questions_.push_back({{point.x, point.y}, {granted, point.heading}});
  }

  Measured measured() {
    std::optional<MaskFacts> facts;
    measured_.prepare_seconds = median_seconds([&] { method_.prepare(facts.emplace(scene_.mask)); });
    measured_.regular_seconds = ask(false);
    measured_.irregular_seconds = ask(true);
    return std::move(measured_);
  }

 private:
  double ask(bool irregular) {
    return median_seconds([&] {
      for (std::size_t i = 0; i < questions_.size(); ++i) {
        if (scene_.points[i].irregular == irregular) measured_.answers[i] = method_.measure(questions_[i]);
      }
    });
  }

  const Scene& scene_;
  Method& method_;
  std::vector<Question> questions_;
  Measured measured_;
};

}  // namespace

void run(const Job& job, Reporter& reporter) {
  const auto set = read_set(job);
  run_on(
      make_scenes(set, set.seed), [set] { return true_widths(make_scenes(set, set.calibration_seed)); }, job, reporter);
}

void run_on(const std::vector<Scene>& scenes, const Calibration& calibration, const Job& job, Reporter& reporter) {
  const auto method = Methods<Method>::make(job.method, job.parameters);
  method->start(calibration);
  std::vector<Measured> measured;
  for (const auto& scene : scenes) {
    measured.push_back(SceneRun(scene, *method, job.privileged).measured());
    reporter.epoch(static_cast<std::int64_t>(measured.size()), static_cast<std::int64_t>(scenes.size()), {});
  }
  report_scores(scenes, measured, reporter);
  if (job.pictures_allowed && job.seed == 0) {
    reporter.exhibit(exhibit(scenes, measured, job.streams().stream("split/exhibit"), reporter));
  }
}

}  // namespace assay::crack_width
