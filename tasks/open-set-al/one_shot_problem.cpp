#include "open-set-al/one_shot_problem.hpp"

#include <algorithm>
#include <functional>

#include "core/errors.hpp"
#include "open-set-al/pool.hpp"

namespace assay::open_set_al {

namespace {

std::vector<std::int64_t> positive_integers(StrictObject& object, const std::string& key) {
  const Json& list = object.any(key);
  const bool right = list.is_array() && !list.empty() && std::all_of(list.begin(), list.end(), [](const Json& value) {
                       return value.is_number_integer() && value.get<std::int64_t>() > 0;
                     });
  if (!right) object.wrong(key, "a list of integers above 0", list.dump());
  return list.get<std::vector<std::int64_t>>();
}

std::int64_t positive_integer(StrictObject& object, const std::string& key) {
  const auto value = object.integer(key);
  if (value <= 0) object.wrong(key, "more than 0", std::to_string(value));
  return value;
}

struct LabelledImages {
  learn::ImageSet images;
  std::vector<std::int64_t> labels;
};

LabelledImages leading_images(const ImageSplit& split, std::size_t classes, std::int64_t per_class,
                              const learn::Normalisation& normalisation, const std::string& where) {
  Ids rows;
  for (const auto& of_class : rows_by_class(split, classes, per_class, where)) {
    rows.insert(rows.end(), of_class.begin(), of_class.end());
  }
  std::sort(rows.begin(), rows.end());  // file order
  LabelledImages leading{pick(split, rows, normalisation), {}};
  for (const auto row : rows) leading.labels.push_back(split.labels[static_cast<std::size_t>(row)]);
  return leading;
}

}  // namespace

OneShotBudget read_one_shot_budget(const Job& job) {
  StrictObject object(job.budget, "tier " + job.tier, "budget");
  OneShotBudget budget;
  budget.pool_per_class = positive_integer(object, "pool_per_class");
  budget.test_per_class = positive_integer(object, "test_per_class");
  budget.initial = positive_integer(object, "initial");
  budget.widths = positive_integers(object, "widths");
  budget.budgets = positive_integers(object, "budgets");
  const auto& sizes = budget.budgets;
  if (std::adjacent_find(sizes.begin(), sizes.end(), std::greater_equal<>()) != sizes.end()) {
    object.wrong("budgets", "an ascending list", Json(sizes).dump());
  }
  budget.ridge = object.real("ridge");
  if (budget.ridge <= 0) object.wrong("ridge", "more than 0", std::to_string(budget.ridge));
  budget.schedule = read_schedule(object);
  object.done();
  return budget;
}

OneShotProblem make_one_shot_problem(const Images& images, const Job& job) {
  OneShotProblem problem;
  problem.budget = read_one_shot_budget(job);
  StrictObject setting(job.setting_parameters, "setting " + job.setting, "parameters");
  setting.text("protocol");
  const auto normalisation = read_normalisation(setting);
  const auto shift = setting.integer("shift");
  problem.augmentation = {shift, setting.flag_or("mirror", false)};
  setting.done();

  const auto& budget = problem.budget;
  const auto classes = images.class_names.size();
  auto pool = leading_images(images.train, classes, budget.pool_per_class, normalisation, "training images");
  auto test = leading_images(images.test, classes, budget.test_per_class, normalisation, "test images");
  problem.classes = static_cast<std::int64_t>(classes);
  problem.pool = std::move(pool.images);
  problem.labels = std::move(pool.labels);
  problem.test = std::move(test.images);
  problem.test_labels = std::move(test.labels);

  const auto size = problem.pool.size();
  if (budget.initial + budget.budgets.back() > size) {
    throw DeclarationError({"more labels than images", "tier " + job.tier + ", budget of the one-shot protocol",
                            "initial and budgets of together at most " + std::to_string(size),
                            std::to_string(budget.initial) + " and " + std::to_string(budget.budgets.back()), ""});
  }
  const auto order = job.streams().stream("split").permutation(size);
  problem.initial.assign(order.begin(), order.begin() + budget.initial);
  problem.unlabelled.assign(order.begin() + budget.initial, order.end());
  std::sort(problem.initial.begin(), problem.initial.end());
  std::sort(problem.unlabelled.begin(), problem.unlabelled.end());
  return problem;
}

}  // namespace assay::open_set_al
