#include "ssl-multi-label/problem.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/errors.hpp"

namespace assay::ssl_multi_label {

Budget read_budget(const Json& json) {
  StrictObject object(json, "budget", "");
  const auto positive = [&](const std::string& key) {
    const auto value = object.integer(key);
    if (value < 1) object.wrong(key, "at least 1", std::to_string(value));
    return value;
  };
  Budget budget;
  budget.sizes.train = object.integer("train");
  budget.sizes.test = object.integer("test");
  budget.network = object.text("network");
  auto& schedule = budget.schedule;
  schedule.warm_epochs = positive("warm_epochs");
  schedule.warm_batch = positive("warm_batch");
  schedule.epochs = positive("epochs");
  schedule.steps = positive("steps");
  schedule.labelled = positive("labelled");
  schedule.unlabelled = positive("unlabelled");
  schedule.learning_rate = object.real("learning_rate");
  schedule.weight_decay = object.real("weight_decay");
  schedule.average = object.real("average");
  schedule.code_anneal = object.choice("anneal", {"full", "code"}) == "code";
  budget.loss.asymmetric = object.choice("base", {"bce", "asl"}) == "asl";
  budget.loss.sum = object.choice("lu_reduction", {"mean", "sum"}) == "sum";
  object.done();
  return budget;
}

Setting read_setting(const Job& job) {
  StrictObject object(job.setting_parameters, "setting " + job.setting, "parameters");
  for (const auto* of_data : {"profile", "data_seed", "side", "difficult"}) object.maybe_any(of_data);
  Setting setting;
  setting.labelled_share = object.real("labelled_share");
  setting.drawn = object.choice("labelled_rows", {"first", "drawn"}) == "drawn";
  setting.pretrained = object.flag_or("pretrained", false);
  setting.rules = multi_label::read_score_rules(object);
  object.done();
  return setting;
}

Split split_rows(const Setting& setting, std::int64_t rows, Stream draw) {
  const auto labelled = std::llround(setting.labelled_share * static_cast<double>(rows));
  if (labelled < 1 || labelled >= rows) {
    throw DeclarationError({"no such split", "labelled_share", "labelled and unlabelled rows",
                            std::to_string(labelled) + " of " + std::to_string(rows) + " labelled", ""});
  }
  Rows order(static_cast<std::size_t>(rows));
  std::iota(order.begin(), order.end(), 0);
  if (setting.drawn) order = draw.permutation(rows);
  const auto end = order.begin() + labelled;
  Split split{{order.begin(), end}, {end, order.end()}};
  std::sort(split.labelled.begin(), split.labelled.end());
  std::sort(split.unlabelled.begin(), split.unlabelled.end());
  return split;
}

Network network_of(const Budget& budget, const Setting& setting, const Job& job) {
  if (!setting.pretrained) return {budget.network, {}};
  return {budget.network, multi_label::trunk_file(job, budget.network)};
}

std::shared_ptr<learn::LabelNet> new_net(const Network& network, const View& view, Stream init) {
  auto net = learn::make_label_net(network.id, view.shape, view.classes,
                                   /*auxiliary=*/false, init);
  if (!network.trunk.empty()) learn::load_trunk(*net, network.trunk);
  auto head = net->head();
  start_head(head, learn::tap_sizes(*net, view.shape).embedding, init);
  return net;
}

}  // namespace assay::ssl_multi_label
