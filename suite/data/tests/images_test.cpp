#include "data/images.hpp"

#include "core/hash.hpp"
#include "data/archive.hpp"
#include "data/decode.hpp"
#include "fixture.hpp"

namespace assay {
namespace {

namespace fs = std::filesystem;

std::string bytes_of(std::span<const std::uint8_t> span) { return {span.begin(), span.end()}; }

class ImageFiles : public TempFolder {
 protected:
  // Three training images and one for testing, 2 x 2 pixels.
  void write_idx() {
    add_gzip("train-images-idx3-ubyte.gz", idx_images(3, 2, 2, "abcdefghijkl"));
    add_gzip("train-labels-idx1-ubyte.gz", idx_labels({0, 2, 1}));
    add_gzip("t10k-images-idx3-ubyte.gz", idx_images(1, 2, 2, "wxyz"));
    add_gzip("t10k-labels-idx1-ubyte.gz", idx_labels({1}));
  }

  static std::string record(char label, char pixel) { return label + std::string(3072, pixel); }

  // One image a batch with the labels 0 to 4, and a test image with label 5.
  void write_cifar10() {
    std::vector<std::pair<std::string, std::string>> members{
        {"cifar-10-batches-bin/batches.meta.txt",
         "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n"},
        {"cifar-10-batches-bin/test_batch.bin", record(5, 't')}};
    for (char i = 0; i < 5; ++i) {
      members.emplace_back("cifar-10-batches-bin/data_batch_" + std::to_string(i + 1) + ".bin",
                           record(i, static_cast<char>('a' + i)));
    }
    add_gzip("cifar-10-binary.tar.gz", tar(members));
  }

  void write_human_labels() {  // differing from 0 1 2 3 4 in 0, 1 and 3 places
    add("cifar-10n-clean.idx", idx_labels({0, 1, 2, 3, 4}));
    add("cifar-10n-aggregate.idx", idx_labels({0, 1, 2, 3, 9}));
    add("cifar-10n-worst.idx", idx_labels({0, 1, 7, 8, 9}));
  }

  void add_gzip(const std::string& name, const std::string& bytes) { files[name] = write_gzip(name, bytes); }
  void add(const std::string& name, const std::string& bytes) { files[name] = write(name, bytes); }

  std::map<std::string, std::string> checksums() const {
    std::map<std::string, std::string> found;
    for (const auto& [name, file] : files) found[name] = sha256_file(file);
    return found;
  }
  std::string error(const std::function<void()>& work) const { return error_of(work, path("")); }

  DataFiles files;
  const std::map<std::string, std::int64_t> differing{{"aggregate", 1}, {"worst", 3}};
};

TEST_F(ImageFiles, IdxIsDecodedAndMapped) {
  write_idx();
  const auto images = load_images("idx-gzip", files, checksums(), ArtefactCache(path("cache")));
  EXPECT_EQ(images.train.count, 3);
  EXPECT_EQ(images.train.channels, 1);
  EXPECT_EQ(images.train.height, 2);
  EXPECT_EQ(images.train.width, 2);
  EXPECT_EQ(bytes_of(images.train.pixels), "abcdefghijkl");
  EXPECT_EQ(bytes_of(images.train.labels), std::string({0, 2, 1}));
  EXPECT_EQ(bytes_of(images.test.pixels), "wxyz");
  EXPECT_EQ(bytes_of(images.test.labels), std::string({1}));
  EXPECT_EQ(images.class_names, (std::vector<std::string>{"0", "1", "2"}));
  EXPECT_TRUE(images.given_labels.empty());
}

TEST_F(ImageFiles, ADecodedSetNeedsItsFilesNoMore) {
  write_idx();
  const auto declared = checksums();
  const auto first = load_images("idx-gzip", files, declared, ArtefactCache(path("cache")));
  for (const auto& [name, file] : files) fs::remove(file);
  const auto second = load_images("idx-gzip", files, declared, ArtefactCache(path("cache")));
  EXPECT_EQ(bytes_of(second.train.pixels), "abcdefghijkl");
  EXPECT_EQ(second.digest, first.digest);
}

TEST_F(ImageFiles, OtherFilesAreAnotherArtefact) {
  write_idx();
  const auto first = load_images("idx-gzip", files, checksums(), ArtefactCache(path("cache")));
  add_gzip("t10k-labels-idx1-ubyte.gz", idx_labels({2}));
  const auto second = load_images("idx-gzip", files, checksums(), ArtefactCache(path("cache")));
  EXPECT_NE(second.digest, first.digest);
  EXPECT_EQ(bytes_of(second.test.labels), std::string({2}));
}

TEST_F(ImageFiles, AWrongChecksumIsRefusedAndNothingStays) {
  write_idx();
  auto declared = checksums();
  const auto found = declared["t10k-labels-idx1-ubyte.gz"];
  const std::string expected(64, 'a');
  declared["t10k-labels-idx1-ubyte.gz"] = expected;
  EXPECT_EQ(error([&] { load_images("idx-gzip", files, declared, ArtefactCache(path("cache"))); }),
            "~/t10k-labels-idx1-ubyte.gz: wrong checksum: expected SHA-256 " + expected + ", found " + found +
                "; remove it and fetch it again");
  EXPECT_TRUE(ArtefactCache(path("cache")).list().empty());
}

TEST_F(ImageFiles, AFileWithoutAChecksumIsRefused) {
  write_idx();
  auto declared = checksums();
  declared.erase("t10k-labels-idx1-ubyte.gz");
  EXPECT_EQ(error([&] { load_images("idx-gzip", files, declared, ArtefactCache(path("cache"))); }),
            "~/t10k-labels-idx1-ubyte.gz: file without a checksum: expected one, found none");
}

TEST_F(ImageFiles, AnUnknownReaderNamesTheNearest) {
  EXPECT_EQ(
      error([&] { load_images("cifar10", {}, {}, ArtefactCache(path("cache"))); }),
      "cifar10: unknown reader: expected one of cifar-10, cifar-100, cifar-10n, idx-gzip, found \"cifar10\"; did you "
      "mean cifar-10?");
}

TEST_F(ImageFiles, AWrongMagicNumberIsNamed) {
  write_idx();
  add_gzip("train-images-idx3-ubyte.gz", idx_labels({0, 2, 1, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(
      error([&] { decode_idx(files); }),
      "~/train-images-idx3-ubyte.gz: damaged IDX file: expected magic number 0x00000803, found 0x00000801; remove it "
      "and fetch it again");
}

TEST_F(ImageFiles, ATruncatedIdxIsRefused) {
  write_idx();
  add_gzip("train-images-idx3-ubyte.gz", idx_images(3, 2, 2, "abcdefghijk"));
  EXPECT_EQ(
      error([&] { decode_idx(files); }),
      "~/train-images-idx3-ubyte.gz: damaged IDX file: expected 12 bytes after the header, found 11; remove it and "
      "fetch it again");
  add_gzip("train-images-idx3-ubyte.gz", "abc");
  EXPECT_EQ(
      error([&] { decode_idx(files); }),
      "~/train-images-idx3-ubyte.gz: damaged IDX file: expected a header of 16 bytes, found 3 bytes; remove it and "
      "fetch it again");
}

TEST_F(ImageFiles, SizesThatOverflowAreRefused) {
  write_idx();
  add_gzip("train-images-idx3-ubyte.gz", idx_images(1u << 31, 1u << 31, 1u << 31, ""));
  EXPECT_EQ(
      error([&] { decode_idx(files); }),
      "~/train-images-idx3-ubyte.gz: damaged IDX file: expected 1152921504606846976 bytes after the header, found 0; "
      "remove it and fetch it again");
}

TEST_F(ImageFiles, AGzipThatEndsEarlyIsRefused) {
  write_idx();
  const auto whole = read_file(files["train-images-idx3-ubyte.gz"]);
  add("train-images-idx3-ubyte.gz", whole.substr(0, whole.size() - 6));
  EXPECT_EQ(
      error([&] { decode_idx(files); }),
      "~/train-images-idx3-ubyte.gz: damaged gzip file: expected a whole gzip stream, found an early end after 28 "
      "bytes; remove it and fetch it again");
}

TEST_F(ImageFiles, ImagesAndLabelsMustBeAsMany) {
  write_idx();
  add_gzip("train-labels-idx1-ubyte.gz", idx_labels({0, 2}));
  EXPECT_EQ(
      error([&] { decode_idx(files); }),
      "~/train-labels-idx1-ubyte.gz: damaged IDX file: expected 3 labels, one for each image, found 2; remove it and "
      "fetch it again");
}

TEST_F(ImageFiles, Cifar10IsReadFromItsArchive) {
  write_cifar10();
  const auto images = load_images("cifar-10", files, checksums(), ArtefactCache(path("cache")));
  EXPECT_EQ(images.train.count, 5);
  EXPECT_EQ(images.train.channels, 3);
  EXPECT_EQ(images.train.height, 32);
  EXPECT_EQ(bytes_of(images.train.labels), std::string({0, 1, 2, 3, 4}));
  EXPECT_EQ(bytes_of(images.train.pixels.subspan(3072, 3072)), std::string(3072, 'b'));
  EXPECT_EQ(bytes_of(images.test.labels), std::string({5}));
  EXPECT_EQ(images.class_names.at(9), "truck");
}

TEST_F(ImageFiles, Cifar100TakesTheFineLabel) {
  std::string names;
  for (int i = 0; i < 100; ++i) names += "class" + std::to_string(i) + "\n";
  add_gzip("cifar-100-binary.tar.gz", tar({{"cifar-100-binary/fine_label_names.txt", names},
                                           {"cifar-100-binary/train.bin", char{7} + record(99, 'x')},
                                           {"cifar-100-binary/test.bin", char{8} + record(42, 'y')}}));
  const auto decoded = decode_cifar100(files);
  EXPECT_EQ(decoded.train.labels, std::string({99}));
  EXPECT_EQ(decoded.train.pixels, std::string(3072, 'x'));
  EXPECT_EQ(decoded.test.labels, std::string({42}));
  EXPECT_EQ(decoded.class_names.size(), 100u);
}

TEST_F(ImageFiles, ADamagedCifarArchiveIsRefused) {
  const std::string names = "a\nb\n";
  const auto archive = [&](const std::string& train) {
    add_gzip("cifar-100-binary.tar.gz",
             tar({{"cifar-100-binary/fine_label_names.txt", names}, {"cifar-100-binary/train.bin", train}}));
    return error([&] { decode_cifar100(files); });
  };
  EXPECT_EQ(
      archive("short"),
      "~/cifar-100-binary.tar.gz/train.bin: damaged CIFAR file: expected whole records of 3074 bytes, found 5 bytes; "
      "remove it and fetch it again");
  EXPECT_EQ(
      archive(char{0} + record(2, 'x')),
      "~/cifar-100-binary.tar.gz/train.bin: damaged CIFAR file: expected labels below 2, found 2; remove it and fetch "
      "it again");
  EXPECT_EQ(
      archive(char{0} + record(1, 'x')),
      "~/cifar-100-binary.tar.gz: damaged CIFAR file: expected cifar-100-binary/test.bin in the archive, found no such "
      "member; remove it and fetch it again");
}

TEST_F(ImageFiles, ATarThatEndsEarlyIsRefused) {
  const auto whole = tar({{"a", std::string(600, 'a')}});
  EXPECT_EQ(tar_members(whole, "x.tar").at("a"), std::string(600, 'a'));
  EXPECT_EQ(error([&] { tar_members(std::string_view(whole).substr(0, 700), "x.tar"); }),
            "x.tar: damaged tar archive: expected 600 bytes of a, found 188; remove it and fetch it again");
  EXPECT_EQ(
      error([&] { tar_members(std::string(512, 'x'), "x.tar"); }),
      "x.tar: damaged tar archive: expected \"ustar\" in a header, found something else; remove it and fetch it again");
}

TEST_F(ImageFiles, HumanLabelsComeByName) {
  write_cifar10();
  write_human_labels();
  const auto decoded = decode_cifar10n(files, differing);
  EXPECT_EQ(decoded.given_labels.size(), 2u);
  EXPECT_EQ(decoded.given_labels.at("aggregate"), std::string({0, 1, 2, 3, 9}));
  EXPECT_EQ(decoded.given_labels.at("worst"), std::string({0, 1, 7, 8, 9}));
}

TEST_F(ImageFiles, HumanLabelsOfAnotherOrderAreRefused) {
  write_cifar10();
  write_human_labels();
  add("cifar-10n-clean.idx", idx_labels({1, 0, 2, 3, 4}));
  EXPECT_EQ(
      error([&] { decode_cifar10n(files, differing); }),
      "~/cifar-10n-clean.idx: not CIFAR-10N's labels \"clean\": expected 0 labels other than CIFAR-10's, found 2; "
      "convert CIFAR-10_human.pt again: tasks/datasets/cifar-10n.py");
}

TEST_F(ImageFiles, SwappedHumanLabelsAreRefused) {
  write_cifar10();
  write_human_labels();
  std::swap(files["cifar-10n-aggregate.idx"], files["cifar-10n-worst.idx"]);
  EXPECT_EQ(
      error([&] { decode_cifar10n(files, differing); }),
      "~/cifar-10n-worst.idx: not CIFAR-10N's labels \"aggregate\": expected 1 labels other than CIFAR-10's, found 3; "
      "convert CIFAR-10_human.pt again: tasks/datasets/cifar-10n.py");
}

TEST_F(ImageFiles, HumanLabelsMustBeAsManyAndBelowTen) {
  write_cifar10();
  write_human_labels();
  add("cifar-10n-clean.idx", idx_labels({0, 1, 2, 3}));
  EXPECT_EQ(
      error([&] { decode_cifar10n(files, differing); }),
      "~/cifar-10n-clean.idx: not CIFAR-10N's labels \"clean\": expected 5 labels, found 4; convert CIFAR-10_human.pt "
      "again: tasks/datasets/cifar-10n.py");
  add("cifar-10n-clean.idx", idx_labels({0, 1, 2, 3, 10}));
  EXPECT_EQ(
      error([&] { decode_cifar10n(files, differing); }),
      "~/cifar-10n-clean.idx: damaged IDX file: expected labels from 0 to 9, found 10 at 4; remove it and fetch it "
      "again");
}

}  // namespace
}  // namespace assay
