#include "crack-detection/run.hpp"

#include "core/errors.hpp"
#include "crack-detection/problem.hpp"
#include "crack-detection/protocol.hpp"
#include "crack-detection/scorer.hpp"
#include "crack-detection/teacher.hpp"
#include "learn/determinism.hpp"

namespace assay::cracks {

void run(const Job& job, Reporter& reporter) {
  learn::keep_freed_memory();
  const auto budget = read_budget(job.budget, job.setting_parameters);
  auto photographs = load_photographs(job, budget);
  if (photographs.train.empty() || photographs.test.empty()) {
    throw DataError({"too few pictures", "data set " + job.dataset, "pictures for training and for testing",
                     std::to_string(photographs.train.size()) + " and " + std::to_string(photographs.test.size()), ""});
  }
  const auto train = make_split(std::move(photographs.train), /*test=*/false);
  const auto test = make_split(std::move(photographs.test), /*test=*/true);
  const auto method = Methods<Method>::make(job.method, job.parameters);

  Scorer scorer(train, test, reporter);
  View view;
  view.pictures = train.pictures;
  view.truth = train.truth;
  view.schedule = budget.schedule;
  view.widths = budget.widths;
  view.patch = budget.patch;
  view.device = torch::Device(job.device);
  view.privileged = {job.privileged, test.truth};
  view.record = &scorer;
  view.streams = job.streams();
  view.teacher = [&] { return scorer.aside([&] { return obtain_teacher(view, job); }); };

  const auto predictor = method->fit(view);
  reporter.metric("train_seconds", scorer.seconds());
  scorer.finish(predictor, job, budget.patch);
}

}  // namespace assay::cracks
