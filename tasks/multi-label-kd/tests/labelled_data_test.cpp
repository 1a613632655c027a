#include "multi-label-kd/labelled_data.hpp"

#include <gtest/gtest.h>

#include "core/hash.hpp"
#include "data/artefacts.hpp"
#include "multi-label-kd/garment_scenes.hpp"
#include "multi-label-kd/tests/image_folder.hpp"

namespace assay::multi_label {
namespace {

class LabelledDataFiles : public ImageFolder {
 protected:
  Job job(const std::string& reader, Json setting) const {
    Job job;
    job.setting = "test";
    job.setting_parameters = std::move(setting);
    job.dataset = "tiny";
    job.reader = reader;
    job.artefacts = path("cache");
    job.provenance = "test";
    return job;
  }
  std::size_t artefacts() const { return ArtefactCache(path("cache")).list().size(); }

  // Ten classes of 60 training and 10 test garments, each of one brightness.
  Job scenes(Json setting) const {
    const auto garments = [](int count, int from) {
      std::string pixels, labels;
      for (int i = 0; i < count; ++i) {
        pixels += std::string(784, static_cast<char>(from + i % 100));
        labels += static_cast<char>(i % 10);
      }
      return std::pair{idx_images(static_cast<std::uint32_t>(count), 28, 28, pixels), idx_labels(labels)};
    };
    const auto train = garments(600, 120), test = garments(100, 150);
    auto job = this->job("idx-gzip", std::move(setting));
    for (const auto& [name, bytes] :
         {std::pair{"train-images-idx3-ubyte.gz", train.first}, std::pair{"train-labels-idx1-ubyte.gz", train.second},
          std::pair{"t10k-images-idx3-ubyte.gz", test.first}, std::pair{"t10k-labels-idx1-ubyte.gz", test.second}}) {
      const auto file = write_gzip(name, bytes);
      job.files.push_back({name, sha256_file(file), file});
    }
    return job;
  }

  // Two training images and one for test, of 2 x 2 to 6 x 4 pixels.
  Job voc(Json setting) const {
    write("VOC2007/ImageSets/Main/trainval.txt", "000001\n000002\n");
    write("VOC2007/ImageSets/Main/test.txt", "000003\n");
    const auto image = [&](const std::string& id, const Rgb& colour, const std::string& objects) {
      picture("VOC2007/JPEGImages/" + id + ".jpg", colour, 6, 4);
      write("VOC2007/Annotations/" + id + ".xml", "<annotation>" + objects + "</annotation>");
    };
    image("000001", {10, 20, 30}, "<object><name>bird</name><difficult>1</difficult></object>");
    image("000002", {40, 50, 60}, "<object><name>aeroplane</name></object>");
    image("000003", {70, 80, 90}, "");
    auto job = this->job("voc2007", std::move(setting));
    job.files = {{"imagenet-weights/resnet-18.pt", "weights", path("weights")},
                 {"VOCdevkit/VOC2007/", "the folder's", path("VOC2007")}};
    return job;
  }
};

TEST_F(LabelledDataFiles, GarmentScenesAreMadeOnce) {
  const auto job = scenes({{"profile", "ssl"}, {"data_seed", 1}, {"other", 3}});
  const auto data = load_labelled_data(job, {6, 2, 3});
  EXPECT_EQ(data.train.pixels.sizes(), (torch::IntArrayRef{6, 1, 64, 64}));
  EXPECT_EQ(data.validation.pixels.sizes(), (torch::IntArrayRef{2, 1, 64, 64}));
  EXPECT_EQ(data.test.pixels.sizes(), (torch::IntArrayRef{3, 1, 64, 64}));
  EXPECT_EQ(data.train.labels.sizes(), (torch::IntArrayRef{6, 10}));
  EXPECT_TRUE(data.train.labels.eq(1).logical_or(data.train.labels.eq(0)).all().item<bool>());
  EXPECT_TRUE(data.train.labels.sum(1).ge(1).all().item<bool>());
  EXPECT_EQ(data.train.names, (std::vector<std::string>{"0", "1", "2", "3", "4", "5"}));
  EXPECT_EQ(data.classes.size(), 10u);
  EXPECT_EQ(data.normalisation.mean, std::vector<double>{0.3});
  EXPECT_EQ(data.normalisation.deviation, std::vector<double>{0.3});
  EXPECT_EQ(artefacts(), 2u);  // the garments, and the scenes

  for (const auto& file : job.files) std::filesystem::remove(file.path);
  const auto again = load_labelled_data(job, {6, 2, 3});
  EXPECT_TRUE(torch::equal(again.train.pixels, data.train.pixels));
  EXPECT_TRUE(torch::equal(again.test.labels, data.test.labels));
}

TEST_F(LabelledDataFiles, GarmentScenesDependOnWhatTheyAreMadeFrom) {
  const Json setting{{"profile", "kd"}, {"data_seed", 1}};
  const auto one = load_labelled_data(scenes(setting), {4, 0, 0});
  auto other = setting;
  other["data_seed"] = 2;
  EXPECT_FALSE(torch::equal(load_labelled_data(scenes(other), {4, 0, 0}).train.pixels, one.train.pixels));
  other = setting;
  other["profile"] = "ssl";
  EXPECT_FALSE(torch::equal(load_labelled_data(scenes(other), {4, 0, 0}).train.pixels, one.train.pixels));
  EXPECT_EQ(load_labelled_data(scenes(setting), {2, 0, 0}).train.size(), 2);
  auto rebuilt = scenes(setting);
  rebuilt.provenance = "another build";
  load_labelled_data(rebuilt, {4, 0, 0});
  EXPECT_EQ(artefacts(), 6u);  // garments, and one for each of five recipes
}

TEST_F(LabelledDataFiles, GarmentScenesHaveTheDeclaredClassNames) {
  auto job = scenes({{"profile", "ssl"}, {"data_seed", 1}});
  for (int c = 0; c < 10; ++c) job.classes.push_back("garment " + std::to_string(c));
  EXPECT_EQ(load_labelled_data(job, {1, 1, 1}).classes, job.classes);
}

TEST_F(LabelledDataFiles, PhotographsOfVocAreResizedAndDecodedOnce) {
  const auto job = voc({{"side", 3}, {"difficult", "mask"}});
  const auto data = load_labelled_data(job, {});
  EXPECT_EQ(data.train.pixels.sizes(), (torch::IntArrayRef{2, 3, 3, 3}));
  EXPECT_EQ(data.shape().channels, 3);
  const auto colours = data.train.pixels.select(3, 1).select(2, 1);
  EXPECT_TRUE(torch::equal(colours, torch::tensor({10, 20, 30, 40, 50, 60}).view({2, 3}).to(torch::kUInt8)));
  EXPECT_EQ(data.train.labels[0][2].item<float>(), kUnknown);
  EXPECT_EQ(data.train.labels[1][0].item<float>(), 1);
  EXPECT_EQ(data.train.labels.sum().item<float>(), 1.5);
  EXPECT_EQ(data.train.names, (std::vector<std::string>{"000001.jpg", "000002.jpg"}));
  EXPECT_EQ(data.validation.pixels.sizes(), (torch::IntArrayRef{0, 3, 3, 3}));
  EXPECT_EQ(data.validation.labels.sizes(), (torch::IntArrayRef{0, 20}));
  EXPECT_EQ(data.test.size(), 1);
  EXPECT_EQ(data.normalisation.mean, (std::vector<double>{0, 0, 0}));
  EXPECT_EQ(data.normalisation.deviation, (std::vector<double>{1, 1, 1}));

  std::filesystem::remove_all(path("VOC2007"));
  EXPECT_TRUE(torch::equal(load_labelled_data(job, {}).train.pixels, data.train.pixels));
}

TEST_F(LabelledDataFiles, SizesTakeTheFirstImages) {
  const auto job = voc({{"side", 2}, {"difficult", "positive"}});
  const auto data = load_labelled_data(job, {.train = 1, .validation = 5, .test = 5});
  EXPECT_EQ(data.train.names, std::vector<std::string>{"000001.jpg"});
  EXPECT_EQ(data.test.size(), 1);
  EXPECT_EQ(load_labelled_data(job, {}).train.size(), 2);
}

TEST_F(LabelledDataFiles, AFolderIsReadByItsLabelTable) {
  picture("images/one.jpg", {200, 100, 50}, 8, 8, ".jpg");
  picture("images/two.png", {1, 2, 3});
  picture("images/three.png", {4, 5, 6});
  write("images/labels.csv", "file,split,sky,sea\none.jpg,train,1,\ntwo.png,val,0,1\nthree.png,test,1,1\n");
  auto job = this->job("labelled-folder", {{"side", 4}});
  job.files = {{"labelled-images/", "the folder's", path("images")}};
  const auto data = load_labelled_data(job, {});
  EXPECT_EQ(data.classes, (std::vector<std::string>{"sky", "sea"}));
  EXPECT_TRUE(torch::equal(data.train.labels, torch::tensor({{1.0F, kUnknown}})));
  EXPECT_NEAR(data.train.pixels[0][0][2][2].item<int>(), 200, 3);
  EXPECT_EQ(data.validation.names, std::vector<std::string>{"two.png"});
  EXPECT_EQ(data.test.pixels.sum().item<std::int64_t>(), (4 + 5 + 6) * 16);
}

TEST_F(LabelledDataFiles, RefusesWhatItCannotRead) {
  EXPECT_THROW(load_labelled_data(job("cifar-10", Json::object()), {}), DataError);
  EXPECT_THROW(load_labelled_data(job("voc2007", {{"side", 2}, {"difficult", "mask"}}), {}), DataError);  // no folder
  EXPECT_THROW(load_labelled_data(voc({{"side", 0}, {"difficult", "mask"}}), {}), DeclarationError);
  EXPECT_THROW(load_labelled_data(voc({{"side", 2}, {"difficult", "ignore"}}), {}), DeclarationError);
  EXPECT_THROW(load_labelled_data(scenes({{"profile", "hard"}, {"data_seed", 1}}), {1, 1, 1}), DeclarationError);
  const auto damaged = voc({{"side", 2}, {"difficult", "mask"}});
  write("VOC2007/JPEGImages/000002.jpg", "no picture");
  EXPECT_NE(fault([&] { load_labelled_data(damaged, {}); }).find("~/VOC2007/JPEGImages/000002.jpg"), std::string::npos);
}

}  // namespace
}  // namespace assay::multi_label
