#include "data/artefacts.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <limits>

#include "fixture.hpp"

namespace assay {
namespace {

namespace fs = std::filesystem;

class Artefacts : public TempFolder {
 protected:
  fs::path obtain(const Json& recipe) {
    return cache().obtain(recipe, [&](const fs::path& part) {
      ++made;
      write_file(part / "value", "made " + std::to_string(made));
    });
  }
  ArtefactCache cache() const { return ArtefactCache(path("cache")); }
  static constexpr std::int64_t kFuture = std::numeric_limits<std::int64_t>::max();

  int made = 0;
};

// Changes a byte and leaves size and time as they were, as a failing disk does.
void rot(const fs::path& file) {
  const auto time = fs::last_write_time(file);
  const int descriptor = open(file.c_str(), O_WRONLY);
  EXPECT_EQ(pwrite(descriptor, "X", 1, 0), 1);
  close(descriptor);
  fs::last_write_time(file, time);
}

TEST_F(Artefacts, AreMadeOnceForARecipe) {
  const auto first = obtain({{"kind", "test"}, {"n", 1}});
  EXPECT_EQ(obtain(Json::parse(R"({"n": 1, "kind": "test"})")), first);  // the order of keys is no part of a recipe
  EXPECT_EQ(made, 1);
  EXPECT_NE(obtain({{"kind", "test"}, {"n", 2}}), first);
  EXPECT_EQ(made, 2);
  EXPECT_EQ(read_file(first / "value"), "made 1");
  EXPECT_EQ(Json::parse(read_file(first / "recipe.json")), (Json{{"kind", "test"}, {"n", 1}}));
}

TEST_F(Artefacts, DamageIsMendedByMakingAgain) {
  const auto folder = obtain({{"n", 1}});
  write_file(folder / "value", "other");
  EXPECT_EQ(read_file(obtain({{"n", 1}}) / "value"), "made 2");
  fs::remove(folder / "value");
  EXPECT_EQ(read_file(obtain({{"n", 1}}) / "value"), "made 3");
  write_file(folder / "seal.json", "{\"value\": 3}");
  EXPECT_EQ(read_file(obtain({{"n", 1}}) / "value"), "made 4");
  write_file(folder / "seal.json", "{");
  EXPECT_EQ(read_file(obtain({{"n", 1}}) / "value"), "made 5");
}

TEST_F(Artefacts, ATouchedOrCopiedFileIsSealedAnew) {
  const auto folder = obtain({{"n", 1}});
  fs::last_write_time(folder / "value", fs::file_time_type::clock::now() - std::chrono::hours(1));
  const auto seal = read_file(folder / "seal.json");
  obtain({{"n", 1}});
  EXPECT_EQ(made, 1);
  EXPECT_NE(read_file(folder / "seal.json"), seal);
}

TEST_F(Artefacts, ListHashesEverything) {
  const auto folder = obtain({{"n", 1}});
  ASSERT_EQ(cache().list().size(), 1u);
  EXPECT_TRUE(cache().list()[0].sound);
  EXPECT_EQ(cache().list()[0].recipe, (Json{{"n", 1}}));
  EXPECT_EQ(cache().list()[0].hash, folder.filename());
  EXPECT_GT(cache().list()[0].bytes, 6u);
  rot(folder / "value");
  EXPECT_FALSE(cache().list()[0].sound);
}

TEST_F(Artefacts, AMakerThatThrowsLeavesNothing) {
  const auto failing = [](const fs::path& part) {
    write_file(part / "half", "x");
    throw DataError({"no data", "", "", "", ""});
  };
  EXPECT_THROW(cache().obtain({{"n", 1}}, failing), DataError);
  EXPECT_TRUE(cache().list().empty());
  EXPECT_FALSE(fs::exists(path("cache") / (ArtefactCache::hash_of({{"n", 1}}) + ".part")));
  EXPECT_EQ(read_file(obtain({{"n", 1}}) / "value"), "made 1");
}

TEST_F(Artefacts, APartLeftByADeadMakerIsCleared) {
  const auto part = path("cache") / (ArtefactCache::hash_of({{"n", 1}}) + ".part");
  write_file(part / "left over", "x");
  const auto folder = obtain({{"n", 1}});
  EXPECT_FALSE(fs::exists(folder / "left over"));
  EXPECT_FALSE(fs::exists(part));
}

TEST_F(Artefacts, TwoProcessesHaveOneMaker) {
  const auto log = path("log");
  const auto maker = [&](const fs::path& part) {
    const int descriptor = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (::write(descriptor, "m", 1) != 1) _exit(2);
    close(descriptor);
    write_file(part / "value", std::string(1 << 20, 'x'));  // long enough for the others to come
  };
  std::vector<pid_t> children;
  for (int i = 0; i < 6; ++i) {
    const auto child = fork();
    if (child == 0) {
      const auto folder = cache().obtain({{"n", 1}}, maker);
      _exit(fs::file_size(folder / "value") == 1 << 20 ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const auto child : children) {
    int status = -1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(read_file(log), "m");
}

TEST_F(Artefacts, PruneRemovesWhatIsUnusedAndParts) {
  const auto old = obtain({{"n", 1}});
  fs::last_write_time(old / "seal.json", fs::file_time_type::clock::now() - std::chrono::hours(48));
  const auto used = obtain({{"n", 2}});
  write_file(path("cache") / (std::string(64, 'a') + ".part") / "half", "12345");
  write_file(path("cache") / "notes.txt", "not ours");
  const auto recent = cache().list()[0].hash == used.filename() ? cache().list()[0] : cache().list()[1];
  EXPECT_GT(cache().prune(recent.used_ms), 5u);
  EXPECT_FALSE(fs::exists(old));
  EXPECT_FALSE(fs::exists(path("cache") / (std::string(64, 'a') + ".part")));
  EXPECT_TRUE(fs::exists(used / "value"));
  EXPECT_EQ(cache().prune(recent.used_ms), 0u);
  cache().prune(kFuture);
  EXPECT_TRUE(cache().list().empty());
  EXPECT_TRUE(fs::exists(path("cache") / "notes.txt"));
}

TEST_F(Artefacts, UseCountsAsUse) {
  const auto folder = obtain({{"n", 1}});
  fs::last_write_time(folder / "seal.json", fs::file_time_type::clock::now() - std::chrono::hours(48));
  const auto before = cache().list()[0].used_ms;
  obtain({{"n", 1}});
  EXPECT_GT(cache().list()[0].used_ms, before);
}

TEST_F(Artefacts, APlaceThatCannotBeUsedIsNamed) {
  write("file", "in the way");
  const ArtefactCache cache(path("file"));
  EXPECT_EQ(error_of(
                [&] {
                  cache.obtain({{"n", 1}}, [](const fs::path&) {});
                },
                path("")),
            "~/file: cannot use the artefact cache: found Not a directory; check the disk's space and the folder's "
            "permissions, or set ASSAY_CACHE to another folder");
}

}  // namespace
}  // namespace assay
