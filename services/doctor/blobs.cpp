#include "services/doctor/blobs.hpp"

#include "data/blob/blob_store.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <random>

namespace diaban::services::doctor {

namespace {

namespace fs = std::filesystem;

constexpr int most_rows = 500;
constexpr std::size_t most_files = 1'000;
/// A sweep leaves files of a day alone, and comes by every hour: two days are nobody's any more.
constexpr std::int64_t orphan_seconds = 2 * 86'400;

bool is_name(std::string const& text) {
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

/// Names of files that are old enough to be swept, from the subfolder `first` on, all around.
std::vector<std::string> old_files(fs::path const& folder, unsigned first, std::int64_t now) {
    constexpr unsigned subfolders = 256;
    std::vector<std::string> names;
    std::size_t seen = 0;
    for (unsigned i = 0; i < subfolders && seen < most_files; ++i) {
        std::error_code fault;
        fs::directory_iterator entries{folder / fmt::format("{:02x}", (first + i) % subfolders),
                                       fault};
        for (; !fault && entries != fs::directory_iterator{} && seen < most_files;
             entries.increment(fault), ++seen) {
            auto name = entries->path().filename().string();
            struct stat facts {};
            if (!is_name(name) || ::stat(entries->path().c_str(), &facts) != 0) continue;
            if (now - facts.st_mtim.tv_sec > orphan_seconds) names.push_back(std::move(name));
        }
    }
    return names;
}

} // namespace

void check_blobs(Findings& findings, data::postgis::RecordHealth const& record,
                 fs::path const& folder, Surroundings const& surroundings) {
    std::random_device random;
    auto const first = random() % 256;
    auto const rows = record.owned_blobs(fmt::format("{:02x}", first), most_rows);
    std::vector<std::string> absent;
    std::vector<std::string> cut;
    for (auto const& [name, size] : rows) {
        std::error_code fault;
        auto const file = folder / name.substr(0, 2) / name;
        auto const there = fs::file_size(file, fault);
        if (fault)
            absent.push_back(name);
        else if (there != size)
            cut.push_back(name);
    }
    constexpr std::int64_t million = 1'000'000;
    auto const files = old_files(folder, first, surroundings.now().microseconds / million);
    auto const orphans = record.orphans(files);
    auto const say = [&](Level level, std::string code, std::vector<std::string> const& names) {
        findings.push_back({"blobs",
                            level,
                            std::move(code),
                            {{"count", std::to_string(names.size())},
                             {"rows", std::to_string(rows.size())},
                             {"files", std::to_string(files.size())},
                             {"folder", folder.string()},
                             {"example", names.empty() ? "" : names.front()}},
                            {}});
    };
    if (!absent.empty()) say(Level::fail, "blobs-absent", absent);
    if (!cut.empty()) say(Level::fail, "blobs-cut", cut);
    if (!orphans.empty()) say(Level::warn, "blobs-orphaned", orphans);
    if (absent.empty() && cut.empty() && orphans.empty()) say(Level::ok, "blobs", {});
}

} // namespace diaban::services::doctor
