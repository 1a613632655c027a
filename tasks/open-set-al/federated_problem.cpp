#include "open-set-al/federated_problem.hpp"

#include <algorithm>

#include "core/errors.hpp"
#include "learn/ranking.hpp"
#include "open-set-al/pool.hpp"

namespace assay::open_set_al {

FederatedBudget read_federated_budget(const Job& job) {
  StrictObject object(job.budget, "tier " + job.tier, "budget");
  FederatedBudget budget;
  budget.largest_class = object.integer("largest_class");
  budget.clients = object.integer("clients");
  budget.stages = object.integer("stages");
  budget.share_per_stage = object.real("share_per_stage");
  budget.schedule = read_federated_schedule(object);
  budget.network = object.text("network");
  budget.test_per_class = object.integer("test_per_class");
  object.done();
  for (const auto& [key, value] :
       {std::pair{"largest_class", budget.largest_class}, {"clients", budget.clients}, {"stages", budget.stages}}) {
    if (value < 1) object.wrong(key, "at least 1", std::to_string(value));
  }
  if (budget.share_per_stage <= 0 || budget.share_per_stage > 1) {
    object.wrong("share_per_stage", "above 0, at most 1", std::to_string(budget.share_per_stage));
  }
  return budget;
}

namespace {

struct Chosen {
  Ids rows;  // of the data's file, ascending
  std::vector<std::int64_t> labels;
};

Chosen in_file_order(const std::vector<Ids>& by_class, const ImageSplit& split) {
  Chosen chosen;
  for (const auto& rows : by_class) chosen.rows.insert(chosen.rows.end(), rows.begin(), rows.end());
  std::sort(chosen.rows.begin(), chosen.rows.end());
  for (const auto row : chosen.rows) chosen.labels.push_back(split.labels[static_cast<std::size_t>(row)]);
  return chosen;
}

// The leading images of each class, as many as the long tail leaves.
Chosen long_tailed(const ImageSplit& split, const std::vector<std::int64_t>& sizes) {
  auto by_class = rows_by_class(split, sizes.size(), 0, "training images");
  for (std::size_t c = 0; c < sizes.size(); ++c) {
    const auto size = static_cast<std::size_t>(sizes[c]);
    if (by_class[c].size() < size) {
      throw DataError({"too few images of a class", "training images", std::to_string(size) + " at least",
                       std::to_string(by_class[c].size()), ""});
    }
    by_class[c].resize(size);
  }
  return in_file_order(by_class, split);
}

std::vector<Ids> ids_by_class(const std::vector<std::int64_t>& labels, std::size_t classes) {
  std::vector<Ids> ids(classes);
  for (std::size_t id = 0; id < labels.size(); ++id) {
    ids[static_cast<std::size_t>(labels[id])].push_back(static_cast<std::int64_t>(id));
  }
  return ids;
}

}  // namespace

Federation make_federation(const Images& images, const Job& job, const FederatedBudget& budget) {
  StrictObject setting(job.setting_parameters, "setting " + job.setting, "parameters");
  setting.text("protocol");
  const auto normalisation = read_normalisation(setting);
  const bool mirror = setting.flag_or("mirror", false);
  const double alpha = setting.real("alpha"), ratio = setting.real("long_tail");
  setting.done();
  if (alpha <= 0) setting.wrong("alpha", "more than 0", std::to_string(alpha));
  if (ratio < 1) setting.wrong("long_tail", "at least 1", std::to_string(ratio));

  Federation federation;
  const auto classes = images.class_names.size();
  federation.classes = static_cast<std::int64_t>(classes);
  const auto sizes = long_tail(budget.largest_class, ratio, federation.classes);
  const auto train = long_tailed(images.train, sizes);
  federation.ground = {
      pick(images.train, train.rows, normalisation), {0, mirror}, torch::Device(job.device), budget.network};
  federation.labels = train.labels;
  if (static_cast<std::int64_t>(train.rows.size()) < budget.clients) {
    throw DeclarationError({"fewer images than clients", "tier " + job.tier,
                            std::to_string(budget.clients) + " at least", std::to_string(train.rows.size()), ""});
  }

  const auto streams = job.streams();
  auto partition = streams.stream("split/partition"), order = streams.stream("split/deal");
  federation.counts = dirichlet_partition(sizes, budget.clients, alpha, partition);
  federation.owned = deal(ids_by_class(train.labels, classes), federation.counts, order);
  const double labels = budget.share_per_stage * static_cast<double>(train.rows.size());
  federation.per_stage =
      std::max<std::int64_t>(1, static_cast<std::int64_t>(labels / static_cast<double>(budget.clients)));
  for (std::size_t k = 0; k < federation.owned.size(); ++k) {
    auto first = streams.stream("split/first/" + std::to_string(k));
    federation.first.push_back(learn::draw(federation.owned[k], static_cast<std::size_t>(federation.per_stage), first));
  }

  const auto test =
      in_file_order(rows_by_class(images.test, classes, budget.test_per_class, "test images"), images.test);
  federation.test = pick(images.test, test.rows, normalisation);
  federation.test_labels = torch::tensor(test.labels, torch::kInt64);
  return federation;
}

}  // namespace assay::open_set_al
