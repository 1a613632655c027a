#include "crack-detection/problem.hpp"

#include <algorithm>
#include <cstring>

#include "core/errors.hpp"
#include "core/files.hpp"
#include "crack-detection/pavement.hpp"
#include "data/artefacts.hpp"

namespace assay::cracks {

Budget read_budget(const Json& tier, const Json& setting) {
  Json merged = tier;
  if (setting.contains("budget")) merged.update(setting.at("budget"));
  StrictObject object(merged, "budget", "");
  Budget budget;
  budget.train = object.integer("train");
  budget.test = object.integer("test");
  budget.side = object.integer("side");
  auto& schedule = budget.schedule;
  schedule.steps = object.integer("steps");
  schedule.batch = object.integer("batch");
  schedule.crop = object.integer("crop");
  schedule.warmup = object.integer("warmup");
  schedule.checkpoints = object.integer("checkpoints");
  schedule.recipe.batch = schedule.batch;
  schedule.recipe.learning_rate = object.real("learning_rate");
  schedule.recipe.optimiser = learn::Optimiser::kAdam;
  budget.patch = object.integer("patch");
  const Json& widths = object.any("widths");
  const bool sound = widths.is_array() && widths.size() >= 2 && std::all_of(widths.begin(), widths.end(), [](auto& w) {
                       return w.is_number_integer() && w.template get<std::int64_t>() > 0;
                     });
  if (!sound) object.wrong("widths", "channels of at least two stages", widths.dump());
  budget.widths = widths.get<std::vector<std::int64_t>>();
  object.done();
  return budget;
}

namespace {

// One set of generated images in two files, image after image.
constexpr const char *kImages = "images.u8", *kMasks = "masks.u8";

void write_set(const std::filesystem::path& folder, std::uint64_t seed, std::int64_t count, std::int64_t side) {
  std::string images, masks;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto made = make_pavement(seed, static_cast<std::uint64_t>(i), side);
    images.append(made.image.values.begin(), made.image.values.end());
    masks.append(made.mask.values.begin(), made.mask.values.end());
  }
  write_file(folder / kImages, images);
  write_file(folder / kMasks, masks);
}

std::vector<Photograph> generated(const Job& job, std::int64_t seed, std::int64_t count, std::int64_t side) {
  const Json recipe{
      {"kind", "pavement"}, {"provenance", job.provenance}, {"seed", seed}, {"count", count}, {"side", side}};
  const auto folder = ArtefactCache(job.artefacts).obtain(recipe, [&](const std::filesystem::path& made) {
    write_set(made, static_cast<std::uint64_t>(seed), count, side);
  });
  const auto images = read_file(folder / kImages), masks = read_file(folder / kMasks);
  const auto size = static_cast<std::size_t>(side * side);
  std::vector<Photograph> photographs;
  for (std::int64_t i = 0; i < count; ++i) {
    Photograph one{std::to_string(i), vision::Grey(side, side), vision::Mask(side, side), {}};
    std::memcpy(one.grey.values.data(), images.data() + static_cast<std::size_t>(i) * size, size);
    std::memcpy(one.crack.values.data(), masks.data() + static_cast<std::size_t>(i) * size, size);
    photographs.push_back(std::move(one));
  }
  return photographs;
}

torch::Tensor tensor_of(const vision::Grid<std::uint8_t>& grid) {
  const auto bytes = torch::empty({grid.height, grid.width}, torch::kUInt8);
  std::memcpy(bytes.data_ptr<std::uint8_t>(), grid.values.data(), grid.size());
  return bytes.to(torch::kFloat32);
}

}  // namespace

Photographs load_photographs(const Job& job, const Budget& budget) {
  StrictObject setting(job.setting_parameters, "setting " + job.setting, "parameters");
  setting.maybe_any("budget");
  Photographs photographs;
  if (job.reader == "pavement") {
    const auto train_seed = setting.integer("train_seed"), test_seed = setting.integer("test_seed");
    setting.done();
    photographs.train = generated(job, train_seed, budget.train, budget.side);
    photographs.test = generated(job, test_seed, budget.test, budget.side);
    return photographs;
  }
  const auto shrink = setting.integer("shrink");
  setting.done();
  std::map<std::string, std::filesystem::path> folders;
  for (const auto& file : job.files) folders[file.name] = file.path;
  photographs = read_photographs(job.reader, folders, shrink);
  // Leading pictures only, where a tier asks for fewer; 0 means all.
  const auto keep = [](std::vector<Photograph>& all, std::int64_t count) {
    if (count > 0 && count < static_cast<std::int64_t>(all.size())) all.resize(static_cast<std::size_t>(count));
  };
  keep(photographs.train, budget.train);
  keep(photographs.test, budget.test);
  return photographs;
}

Split make_split(std::vector<Photograph> photographs, bool test) {
  Split split;
  for (const auto& photograph : photographs) {
    Picture picture;
    picture.grey = tensor_of(photograph.grey) / 255;
    const auto deviation = picture.grey.std(/*unbiased=*/false).clamp_min(1e-6);
    picture.x = ((picture.grey - picture.grey.mean()) / deviation).unsqueeze(0).unsqueeze(0);
    picture.index = static_cast<std::int64_t>(split.pictures.size());
    picture.test = test;
    auto truth = tensor_of(photograph.crack);
    if (photograph.ignored.size() > 0) truth = truth.masked_fill(tensor_of(photograph.ignored).gt(0), 0.5);
    split.pictures.push_back(std::move(picture));
    split.truth.push_back(std::move(truth));
  }
  split.photographs = std::move(photographs);
  return split;
}

}  // namespace assay::cracks
