#include "noisy-labels/problem.hpp"

#include <algorithm>
#include <map>

#include "core/errors.hpp"

namespace assay::noisy_labels {

Budget read_budget(const Json& json) {
  StrictObject object(json, "budget", "");
  Budget budget;
  budget.train = object.integer("train");
  budget.validation = object.integer("validation");
  budget.test_per_class = object.integer("test_per_class");
  budget.recipe.epochs = object.integer("epochs");
  budget.recipe.batch = object.integer("batch");
  budget.recipe.learning_rate = object.real("learning_rate");
  budget.recipe.momentum = object.real("momentum");
  budget.recipe.weight_decay = object.real("weight_decay");
  budget.network = object.text("network");
  budget.sampling =
      object.choice("sampling", {"exact", "independent"}) == "exact" ? Sampling::kExact : Sampling::kIndependent;
  budget.augment = object.choice("augmentation", {"weak", "none"}) == "weak";
  object.done();
  return budget;
}

namespace {

std::vector<double> reals(StrictObject& object, const std::string& key) {
  const Json& list = object.any(key);
  const bool numbers = list.is_array() && !list.empty() &&
                       std::all_of(list.begin(), list.end(), [](const Json& value) { return value.is_number(); });
  if (!numbers) object.wrong(key, "a list of numbers, one per channel", list.dump());
  return list.get<std::vector<double>>();
}

std::vector<std::vector<std::int64_t>> rows_by_class(const ImageSplit& split, std::size_t classes) {
  std::vector<std::vector<std::int64_t>> rows(classes);
  for (std::size_t i = 0; i < split.labels.size(); ++i) {
    rows.at(split.labels[i]).push_back(static_cast<std::int64_t>(i));
  }
  return rows;
}

void need_images(std::size_t found, std::int64_t expected, const std::string& where) {
  if (found >= static_cast<std::size_t>(expected)) return;
  throw DataError(
      {"too few images of a class", where, std::to_string(expected) + " at least", std::to_string(found), ""});
}

learn::ImageSet pick(const ImageSplit& split, const std::vector<std::int64_t>& rows,
                     const learn::Normalisation& normalisation) {
  const auto size = split.channels * split.height * split.width;
  const auto count = static_cast<std::int64_t>(rows.size());
  const auto pixels = torch::empty({count, split.channels, split.height, split.width}, torch::kUInt8);
  auto* to = pixels.data_ptr<std::uint8_t>();
  for (const auto row : rows) to = std::copy_n(split.pixels.data() + row * size, size, to);
  return {pixels, normalisation};
}

struct Pool {
  std::vector<std::int64_t> rows;  // of the training file, ascending
  std::vector<bool> validation;    // whether a row is for validation
};

Pool draw_pool(const ImageSplit& split, std::size_t classes, const Budget& budget, Stream stream) {
  const auto count = static_cast<std::int64_t>(classes);
  if (budget.train % count != 0 || budget.validation % count != 0) {
    throw DeclarationError({"sizes", "budget", "multiples of the " + std::to_string(classes) + " classes",
                            std::to_string(budget.train) + " and " + std::to_string(budget.validation), ""});
  }
  const auto train = budget.train / count, both = train + budget.validation / count;
  std::vector<std::pair<std::int64_t, bool>> drawn;
  for (auto& rows : rows_by_class(split, classes)) {
    need_images(rows.size(), both, "training images");
    stream.shuffle(rows);
    for (std::int64_t i = 0; i < both; ++i) drawn.emplace_back(rows[static_cast<std::size_t>(i)], i >= train);
  }
  std::sort(drawn.begin(), drawn.end());
  Pool pool;
  for (const auto& [row, validation] : drawn) {
    pool.rows.push_back(row);
    pool.validation.push_back(validation);
  }
  return pool;
}

template <typename T>
std::vector<T> where(const std::vector<T>& values, const std::vector<bool>& flags, bool wanted) {
  std::vector<T> chosen;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (flags[i] == wanted) chosen.push_back(values[i]);
  }
  return chosen;
}

Labels labels_of(std::span<const std::uint8_t> labels, const std::vector<std::int64_t>& rows) {
  Labels chosen;
  for (const auto row : rows) chosen.push_back(labels[static_cast<std::size_t>(row)]);
  return chosen;
}

// The first images of each known class, in the order of the file.
void pick_test(const Images& images, const Budget& budget, const learn::Normalisation& normalisation,
               Problem& problem) {
  const auto numbers =
      known_numbers(problem.corruption.known_classes, static_cast<std::int64_t>(images.class_names.size()));
  const auto by_class = rows_by_class(images.test, images.class_names.size());
  std::vector<std::int64_t> rows;
  for (const auto known : problem.corruption.known_classes) {
    const auto& of_class = by_class.at(static_cast<std::size_t>(known));
    need_images(of_class.size(), budget.test_per_class, "test images");
    rows.insert(rows.end(), of_class.begin(), of_class.begin() + budget.test_per_class);
  }
  std::sort(rows.begin(), rows.end());
  Labels labels;
  for (const auto label : labels_of(images.test.labels, rows))
    labels.push_back(numbers[static_cast<std::size_t>(label)]);
  problem.test = pick(images.test, rows, normalisation);
  problem.test_labels = torch::tensor(labels, torch::kInt64);
}

}  // namespace

Problem make_problem(const Images& images, const Job& job, const Budget& budget) {
  StrictObject setting(job.setting_parameters, "setting " + job.setting, "parameters");
  const learn::Normalisation normalisation{reals(setting, "mean"), reals(setting, "deviation")};
  Problem problem;
  const auto shift = setting.integer("shift");
  if (budget.augment) problem.augmentation = {shift, /*mirror=*/true};
  problem.all_classes = images.class_names;
  const auto class_count = static_cast<std::int64_t>(images.class_names.size());

  const auto pool = draw_pool(images.train, images.class_names.size(), budget, job.streams().stream("split"));
  const auto shown = labels_of(images.train.labels, pool.rows);
  const auto pool_images = pick(images.train, pool.rows, normalisation);
  std::map<std::string, Labels> human;
  for (const auto& [name, labels] : images.given_labels) human[name] = labels_of(labels, pool.rows);
  problem.corruption =
      corrupt(setting.object("corruption"), shown, class_count, pool_images, human, budget.sampling, job.streams());
  setting.done();
  for (const auto known : problem.corruption.known_classes) {
    problem.classes.push_back(images.class_names[static_cast<std::size_t>(known)]);
  }

  const auto tensor = [](const Labels& labels) { return torch::tensor(labels, torch::kInt64); };
  const auto& flags = pool.validation;
  problem.source = where(pool.rows, flags, false);
  problem.train = pick(images.train, problem.source, normalisation);
  problem.validation = pick(images.train, where(pool.rows, flags, true), normalisation);
  problem.shown = tensor(where(shown, flags, false));
  problem.given = tensor(where(problem.corruption.given, flags, false));
  problem.clean = tensor(where(problem.corruption.clean, flags, false));
  problem.validation_given = tensor(where(problem.corruption.given, flags, true));
  pick_test(images, budget, normalisation, problem);
  return problem;
}

}  // namespace assay::noisy_labels
