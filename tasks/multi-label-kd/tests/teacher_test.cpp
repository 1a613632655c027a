// The teacher and what is kept of it; the order and mirroring that students share.
#include "multi-label-kd/teacher.hpp"

#include <gtest/gtest.h>

#include "learn/determinism.hpp"
#include "multi-label-kd/loader.hpp"
#include "multi-label-kd/tests/synthetic.hpp"
#include "multi-label-kd/views.hpp"

namespace assay::multi_label_kd {
namespace {

View view_of(const Job& job) {
  const auto budget = read_budget(job.budget);
  const auto& data = synthetic::data();
  View view;
  view.train = &data.train;
  view.normalisation = data.normalisation;
  view.shape = data.shape();
  view.classes = 10;
  view.schedule = schedule_of(budget, data.train.size(), budget.epochs, budget.epochs);
  view.streams = job.streams();
  return view;
}

std::unique_ptr<Teacher> teacher_of(const Job& job) {
  return obtain_teacher(view_of(job), synthetic::data(), read_setting(job), read_budget(job.budget), job);
}

Batch first_batch(const View& view) { return Loader(view).next(); }

TEST(MultiLabelTeacher, WhatIsKeptIsWhatItSays) {
  learn::make_deterministic();
  auto job = synthetic::job("mld");
  const auto batch = first_batch(view_of(job));
  const auto kept = teacher_of(job)->of(batch, /*maps=*/true);
  EXPECT_TRUE(torch::allclose(kept.z, teacher_of(job)->logits(batch.x), 1e-4, 1e-5));
  EXPECT_GT(batch.mirrored.sum().item<std::int64_t>(), 0);
  EXPECT_LT(batch.mirrored.sum().item<std::int64_t>(), 8);
  EXPECT_EQ(kept.t1.sizes(), torch::IntArrayRef({8, 64, 8, 8}));
  EXPECT_EQ(kept.f.sizes(), torch::IntArrayRef({8, 96, 8, 8}));
  EXPECT_EQ(kept.e.sizes(), torch::IntArrayRef({8, 10, 64}));
  EXPECT_TRUE(torch::allclose(kept.f.mean({2, 3}), kept.g, 1e-2, 1e-3));  // half precision
  EXPECT_EQ(kept.z_aux.sizes(), kept.z.sizes());
  EXPECT_FALSE(teacher_of(job)->of(batch, /*maps=*/false).f.defined());
}

TEST(MultiLabelTeacher, IsTrainedOnceFrozenAndTheSameWhenTrainedAgain) {
  learn::make_deterministic();
  auto job = synthetic::job("mld");
  const auto x = multi_label::plain(synthetic::data().test.pixels, synthetic::data().normalisation);
  const auto first = teacher_of(job)->logits(x);
  EXPECT_TRUE(torch::equal(first, teacher_of(job)->logits(x)));
  EXPECT_FALSE(first.requires_grad());
  job.provenance = "another build";
  EXPECT_TRUE(torch::equal(first, teacher_of(job)->logits(x)));
  job.seed = 1;
  EXPECT_FALSE(torch::equal(first, teacher_of(job)->logits(x)));
}

TEST(MultiLabelTeacher, DependsOnItsOwnScheduleOnly) {
  learn::make_deterministic();
  const auto artefacts = [] {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(synthetic::artefacts())) count += entry.is_directory();
    return count;
  };
  auto job = synthetic::job("mld");
  job.provenance = "schedules";
  teacher_of(job);
  const auto one = artefacts();
  job.budget["epochs"] = 1;  // the student's
  job.setting_parameters["student"] = "scenes-teacher";
  teacher_of(job);
  EXPECT_EQ(artefacts(), one);
  job.budget["teacher_stop"] = 1;
  teacher_of(job);
  EXPECT_EQ(artefacts(), one + 1);
}

TEST(MultiLabelLoader, ShowsEachImageOnceAnEpochInAnOrderOfTheSeed) {
  const auto job = synthetic::job("student");
  const auto view = view_of(job);
  Loader loader(view), again(view);
  std::vector<int> seen(48, 0);
  std::vector<torch::Tensor> first_epoch;
  for (int step = 0; step < 12; ++step) {
    const auto batch = loader.next(), same = again.next();
    EXPECT_TRUE(torch::equal(batch.x, same.x));
    EXPECT_EQ(batch.epoch, step / 6);
    EXPECT_EQ(batch.step, step);
    EXPECT_EQ(batch.steps, 12);
    for (std::int64_t i = 0; i < 8; ++i) ++seen[static_cast<std::size_t>(batch.index[i].item<std::int64_t>())];
    EXPECT_TRUE(torch::equal(batch.y, view.train->labels.index_select(0, batch.index)));
    if (step < 6) first_epoch.push_back(batch.index);
    if (step == 6) {
      for (const auto count : seen) EXPECT_LE(count, 2);
      EXPECT_FALSE(torch::equal(batch.index, first_epoch[0]));
    }
  }
  for (const auto count : seen) EXPECT_EQ(count, 2);
}

TEST(MultiLabelLoader, MirrorsHalfOfTheImages) {
  const auto view = view_of(synthetic::job("student"));
  const auto batch = first_batch(view);
  const auto plain = multi_label::plain(view.train->pixels.index_select(0, batch.index), view.normalisation);
  for (std::int64_t i = 0; i < 8; ++i) {
    EXPECT_TRUE(torch::equal(batch.x[i], batch.mirrored[i].item<bool>() ? plain[i].flip({2}) : plain[i]));
  }
}

}  // namespace
}  // namespace assay::multi_label_kd
