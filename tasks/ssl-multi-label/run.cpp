#include "ssl-multi-label/run.hpp"

#include "learn/determinism.hpp"
#include "ssl-multi-label/problem.hpp"
#include "ssl-multi-label/protocol.hpp"
#include "ssl-multi-label/scorer.hpp"
#include "ssl-multi-label/warm_up.hpp"

namespace assay::ssl_multi_label {

void run(const Job& job, Reporter& reporter) {
  run_on(multi_label::load_labelled_data(job, read_budget(job.budget).sizes), job, reporter);
}

void run_on(const multi_label::LabelledData& data, const Job& job, Reporter& reporter) {
  learn::keep_freed_memory();
  const auto budget = read_budget(job.budget);
  const auto setting = read_setting(job);
  const auto network = network_of(budget, setting, job);
  const auto method = Methods<Method>::make(job.method, job.parameters);
  const torch::Device device(job.device);
  const auto split = split_rows(setting, data.train.size(), job.streams().stream("split/labelled"));
  const auto labels_of = [&](const Rows& rows) { return data.train.labels.index_select(0, torch::tensor(rows)); };
  const auto hidden = labels_of(split.unlabelled);

  Scorer scorer(data, hidden, setting.rules, device, reporter);
  View view;
  view.images = Images(data.train.pixels, data.normalisation, device);
  view.labelled = split.labelled;
  view.unlabelled = split.unlabelled;
  view.labels = labels_of(split.labelled);
  view.shape = data.shape();
  view.classes = static_cast<std::int64_t>(data.classes.size());
  view.loss = budget.loss;
  view.schedule = budget.schedule;
  view.device = device;
  view.warm = [&] { return scorer.aside([&] { return warm_net(view, network, job); }); };
  view.warm_dual = [&] { return scorer.aside([&] { return warm_dual_net(view, network, job); }); };
  view.privileged = {job.privileged, hidden};
  view.record = &scorer;
  view.streams = job.streams();

  method->fit(view);
  reporter.metric("train_seconds", scorer.seconds());
  scorer.finish(job);
}

}  // namespace assay::ssl_multi_label
