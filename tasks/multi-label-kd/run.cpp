#include "multi-label-kd/run.hpp"

#include "learn/determinism.hpp"
#include "multi-label-kd/problem.hpp"
#include "multi-label-kd/scorer.hpp"
#include "multi-label-kd/teacher.hpp"

namespace assay::multi_label_kd {

void run(const Job& job, Reporter& reporter) {
  run_on(multi_label::load_labelled_data(job, read_budget(job.budget).sizes), job, reporter);
}

void run_on(const multi_label::LabelledData& data, const Job& job, Reporter& reporter) {
  learn::keep_freed_memory();
  const auto budget = read_budget(job.budget);
  const auto setting = read_setting(job);
  const auto method = Methods<Method>::make(job.method, job.parameters);
  const torch::Device device(job.device);

  Scorer scorer(data, setting.rules, device, reporter);
  View view;
  view.train = &data.train;
  view.normalisation = data.normalisation;
  view.shape = data.shape();
  view.classes = static_cast<std::int64_t>(data.classes.size());
  view.colour_views = setting.colour_views;
  view.schedule = schedule_of(budget, data.train.size(), budget.epochs, budget.epochs);
  view.device = device;
  view.record = &scorer;
  view.streams = job.streams();
  view.student = [&] {
    auto net = new_network(setting.student, data, job, setting.pretrained, /*auxiliary=*/false, view.stream("init"));
    net->to(device);
    return net;
  };
  std::unique_ptr<Teacher> teacher;
  view.teacher = [&]() -> const Teacher& {
    if (!teacher) teacher = scorer.aside([&] { return obtain_teacher(view, data, setting, budget, job); });
    return *teacher;
  };

  const auto predictor = method->fit(view);
  reporter.metric("train_seconds", scorer.seconds());
  scorer.finish(predictor, job, view.teacher);
}

}  // namespace assay::multi_label_kd
