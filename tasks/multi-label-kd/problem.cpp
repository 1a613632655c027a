#include "multi-label-kd/problem.hpp"

#include "core/errors.hpp"

namespace assay::multi_label_kd {

Budget read_budget(const Json& json) {
  StrictObject object(json, "budget", "");
  Budget budget;
  budget.sizes.train = object.integer("train");
  budget.sizes.test = object.integer("test");
  budget.epochs = object.integer("epochs");
  budget.teacher_epochs = object.integer("teacher_epochs");
  budget.teacher_stop = object.integer("teacher_stop");
  if (budget.teacher_stop > budget.teacher_epochs) {
    object.wrong("teacher_stop", "at most teacher_epochs", std::to_string(budget.teacher_stop));
  }
  budget.batch = object.integer("batch");
  budget.learning_rate = object.real("learning_rate");
  budget.weight_decay = object.real("weight_decay");
  budget.cycle_momentum = object.flag_or("cycle_momentum", false);
  object.done();
  return budget;
}

Setting read_setting(const Job& job) {
  StrictObject object(job.setting_parameters, "setting " + job.setting, "parameters");
  for (const auto* of_data : {"profile", "data_seed", "side", "difficult"}) object.maybe_any(of_data);
  Setting setting;
  setting.teacher = object.text("teacher");
  setting.student = object.text("student");
  setting.colour_views = object.choice("views", {"mirror", "cutout-randaugment"}) == "cutout-randaugment";
  setting.pretrained = object.flag_or("pretrained", false);
  setting.rules = multi_label::read_score_rules(object);
  object.done();
  return setting;
}

Schedule schedule_of(const Budget& budget, std::int64_t images, std::int64_t laid_out, std::int64_t epochs) {
  Schedule schedule;
  schedule.epochs = epochs;
  schedule.batch = budget.batch;
  schedule.recipe.cycle.max = budget.learning_rate;
  schedule.recipe.cycle.steps = laid_out * (images / budget.batch);
  schedule.recipe.weight_decay = budget.weight_decay;
  schedule.recipe.cycle_momentum = budget.cycle_momentum;
  return schedule;
}

std::shared_ptr<learn::LabelNet> new_network(const std::string& id, const multi_label::LabelledData& data,
                                             const Job& job, bool pretrained, bool auxiliary, Stream init) {
  auto net = learn::make_label_net(id, data.shape(), static_cast<std::int64_t>(data.classes.size()), auxiliary, init);
  if (!pretrained) return net;
  learn::load_trunk(*net, multi_label::trunk_file(job, id));
  return net;
}

}  // namespace assay::multi_label_kd
