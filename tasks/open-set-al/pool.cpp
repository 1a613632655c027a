#include "open-set-al/pool.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/errors.hpp"
#include "learn/ranking.hpp"

namespace assay::open_set_al {

learn::Normalisation read_normalisation(StrictObject& setting) {
  const auto reals = [&](const std::string& key) {
    const Json& list = setting.any(key);
    const bool numbers = list.is_array() && !list.empty() &&
                         std::all_of(list.begin(), list.end(), [](const Json& value) { return value.is_number(); });
    if (!numbers) setting.wrong(key, "a list of numbers, one per channel", list.dump());
    return list.get<std::vector<double>>();
  };
  return {reals("mean"), reals("deviation")};
}

PoolBudget read_pool_budget(const Job& job) {
  StrictObject object(job.budget, "tier " + job.tier, "budget");
  PoolBudget budget;
  budget.per_class = object.integer("per_class");
  budget.test_per_class = object.integer("test_per_class");
  budget.seed_per_class = object.integer("seed_per_class");
  budget.seed_share = object.real("seed_share");
  budget.budget = object.integer("budget");
  budget.rounds = object.integer("rounds");
  budget.final_repeats = object.integer("final_repeats");
  for (const auto& [key, value] :
       {std::pair{"budget", budget.budget}, {"rounds", budget.rounds}, {"final_repeats", budget.final_repeats}}) {
    if (value < 1) object.wrong(key, "at least 1", std::to_string(value));
  }
  budget.schedule = read_schedule(object);
  budget.network = object.text("network");
  budget.features = object.choice("features", {"hog", "simclr"});
  budget.contrastive_steps = object.integer("contrastive_steps");
  object.done();
  return budget;
}

std::vector<Ids> rows_by_class(const ImageSplit& split, std::size_t classes, std::int64_t per_class,
                               const std::string& where) {
  std::vector<Ids> rows(classes);
  for (std::size_t i = 0; i < split.labels.size(); ++i) {
    auto& of_class = rows.at(split.labels[i]);
    if (per_class == 0 || static_cast<std::int64_t>(of_class.size()) < per_class) {
      of_class.push_back(static_cast<std::int64_t>(i));
    }
  }
  for (const auto& of_class : rows) {
    const auto found = static_cast<std::int64_t>(of_class.size());
    if (found >= std::max<std::int64_t>(per_class, 1)) continue;
    throw DataError({"too few images of a class", where,
                     std::to_string(std::max<std::int64_t>(per_class, 1)) + " at least", std::to_string(found), ""});
  }
  return rows;
}

learn::ImageSet pick(const ImageSplit& split, const Ids& rows, const learn::Normalisation& normalisation) {
  const auto size = split.channels * split.height * split.width;
  const auto pixels =
      torch::empty({static_cast<std::int64_t>(rows.size()), split.channels, split.height, split.width}, torch::kUInt8);
  auto* to = pixels.data_ptr<std::uint8_t>();
  for (const auto row : rows) to = std::copy_n(split.pixels.data() + row * size, size, to);
  return {pixels, normalisation};
}

namespace {

std::vector<std::int64_t> read_known(StrictObject& setting, std::size_t classes) {
  const Json& list = setting.any("known");
  std::set<std::int64_t> distinct;
  if (list.is_array()) {
    for (const auto& item : list) {
      const auto value = item.is_number_integer() ? item.get<std::int64_t>() : -1;
      if (value >= 0 && value < static_cast<std::int64_t>(classes)) distinct.insert(value);
    }
  }
  if (!list.is_array() || distinct.size() != list.size() || list.size() < 2 || list.size() > classes) {
    setting.wrong("known", "two or more distinct classes of the data set, by number", list.dump());
  }
  return list.get<std::vector<std::int64_t>>();
}

// Label of each class of the data set: its place among the known ones, or K.
std::vector<std::int64_t> labels_of_classes(const std::vector<std::int64_t>& known, std::size_t classes) {
  std::vector<std::int64_t> labels(classes, static_cast<std::int64_t>(known.size()));
  for (std::size_t k = 0; k < known.size(); ++k)
    labels[static_cast<std::size_t>(known[k])] = static_cast<std::int64_t>(k);
  return labels;
}

Ids draw_seed(const Pool& pool, const PoolBudget& budget, Stream stream) {
  std::vector<Ids> by_label(static_cast<std::size_t>(pool.known_classes));
  Ids known;
  for (std::size_t id = 0; id < pool.labels.size(); ++id) {
    if (pool.labels[id] == pool.known_classes) continue;
    known.push_back(static_cast<std::int64_t>(id));
    by_label[static_cast<std::size_t>(pool.labels[id])].push_back(static_cast<std::int64_t>(id));
  }
  Ids seed;
  if (budget.seed_per_class > 0) {
    for (auto& of_class : by_label) {
      const auto drawn = learn::draw(of_class, static_cast<std::size_t>(budget.seed_per_class), stream);
      seed.insert(seed.end(), drawn.begin(), drawn.end());
    }
  } else {
    const auto wanted = std::max(2.0, std::floor(budget.seed_share * static_cast<double>(known.size())));
    seed = learn::draw(known, static_cast<std::size_t>(wanted), stream);
  }
  std::sort(seed.begin(), seed.end());
  return seed;
}

}  // namespace

Pool make_pool(const Images& images, const Job& job, const PoolBudget& budget) {
  StrictObject setting(job.setting_parameters, "setting " + job.setting, "parameters");
  setting.text("protocol");
  const auto normalisation = read_normalisation(setting);
  const auto shift = setting.integer("shift");
  const auto known = read_known(setting, images.class_names.size());
  setting.done();

  const auto label_of = labels_of_classes(known, images.class_names.size());
  Pool pool;
  pool.class_names = images.class_names;
  pool.known_classes = static_cast<std::int64_t>(known.size());
  Ids rows;
  for (const auto& of_class :
       rows_by_class(images.train, images.class_names.size(), budget.per_class, "training images")) {
    rows.insert(rows.end(), of_class.begin(), of_class.end());
  }
  std::sort(rows.begin(), rows.end());  // file order
  for (const auto row : rows) {
    pool.shown.push_back(images.train.labels[static_cast<std::size_t>(row)]);
    pool.labels.push_back(label_of[static_cast<std::size_t>(pool.shown.back())]);
  }
  pool.ground = {
      pick(images.train, rows, normalisation), {shift, /*mirror=*/true}, torch::Device(job.device), budget.network};
  pool.recipe = {{"per_class", budget.per_class}, {"mean", normalisation.mean}, {"deviation", normalisation.deviation}};
  pool.seed = draw_seed(pool, budget, job.streams().stream("split"));

  const auto test_rows = rows_by_class(images.test, images.class_names.size(), budget.test_per_class, "test images");
  Ids of_known;
  for (const auto c : known) {
    const auto& of_class = test_rows[static_cast<std::size_t>(c)];
    of_known.insert(of_known.end(), of_class.begin(), of_class.end());
  }
  std::sort(of_known.begin(), of_known.end());
  std::vector<std::int64_t> test_labels;
  for (const auto row : of_known) test_labels.push_back(label_of[images.test.labels[static_cast<std::size_t>(row)]]);
  pool.test = pick(images.test, of_known, normalisation);
  pool.test_labels = torch::tensor(test_labels, torch::kInt64);
  return pool;
}

}  // namespace assay::open_set_al
