#include "services/doctor/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>

namespace diaban::services::doctor {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20U;
constexpr std::uint64_t too_little = 100 * mebibyte; // a job's raster or a mirror needs more
constexpr std::uint64_t little = 1024 * mebibyte;
constexpr std::size_t most_segments = 1'000;

/// The folder itself, or the nearest above it that is there: where it would be made.
fs::path standing(fs::path const& folder) {
    auto nearest = fs::absolute(folder);
    std::error_code fault;
    while (!fs::exists(nearest, fault) && nearest.has_relative_path())
        nearest = nearest.parent_path();
    return nearest;
}

/// An unnamed file where the file system has such; else one that is unnamed at once.
int open_scratch(fs::path const& folder) {
    int const unnamed = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (unnamed >= 0 || (errno != EOPNOTSUPP && errno != EISDIR)) return unnamed;
    auto name = (folder / ".doctor-XXXXXX").string();
    int const file = ::mkostemp(name.data(), O_CLOEXEC);
    if (file >= 0) ::unlink(name.c_str());
    return file;
}

/// 0, or the error that a few bytes written there meet.
int write_fault(fs::path const& folder) {
    int const file = open_scratch(folder);
    if (file < 0) return errno;
    constexpr std::size_t page = 4096; // so much that the file system needs a block for it
    std::string const bytes(page, 'd');
    bool const written = ::write(file, bytes.data(), page) == static_cast<ssize_t>(page);
    int const fault = written ? 0 : errno;
    ::close(file);
    return fault;
}

void check_read(Findings& findings, std::string name, fs::path const& folder,
                std::string const& file, Level missing) {
    bool const there = ::access((folder / file).c_str(), R_OK) == 0;
    findings.push_back({std::move(name),
                        there ? Level::ok : missing,
                        there ? "folder" : "folder-incomplete",
                        {{"folder", folder.string()}, {"file", file}},
                        {}});
}

void check_written(Findings& findings, std::string const& name, fs::path const& folder,
                   Surroundings const& surroundings) {
    auto const where = standing(folder);
    auto const room = surroundings.room(where);
    geo::Error::Parameters const told{{"folder", folder.string()},
                                      {"standing", where.string()},
                                      {"free", room ? std::to_string(room->free / mebibyte) : "?"}};
    if (int const fault = write_fault(where); fault != 0) {
        bool const full = fault == ENOSPC || fault == EDQUOT;
        findings.push_back({name, Level::fail, full ? "folder-full" : "folder-closed", told,
                            std::strerror(fault)});
        return;
    }
    auto const free = room ? room->free : little;
    auto const level = free < too_little ? Level::fail : free < little ? Level::warn : Level::ok;
    findings.push_back({name,
                        level,
                        level == Level::ok     ? "room"
                        : level == Level::warn ? "room-scarce"
                                               : "folder-full",
                        told,
                        {}});
}

/// Whether another process, a node that serves, holds the folder.
bool is_held(fs::path const& folder) {
    int const lock = ::open((folder / "lock").c_str(), O_RDONLY | O_CLOEXEC);
    if (lock < 0) return false;
    bool const held = ::flock(lock, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    ::close(lock);
    return held;
}

void check_segments(Findings& findings, fs::path const& folder) {
    std::error_code fault;
    struct stat owner {};
    if (::stat(folder.c_str(), &owner) != 0) return; // made at the first start
    std::size_t count = 0;
    std::uint64_t bytes = 0;
    fs::directory_iterator entries{folder, fault};
    for (; !fault && entries != fs::directory_iterator{} && count < most_segments;
         entries.increment(fault)) {
        if (entries->path().extension() != ".segment") continue;
        struct stat facts {};
        auto const file = entries->path().string();
        bool const readable = ::access(file.c_str(), R_OK) == 0;
        if (!readable || ::stat(file.c_str(), &facts) != 0 || facts.st_uid != owner.st_uid) {
            findings.push_back({"segments",
                                Level::warn,
                                readable ? "segment-of-another" : "segment-unreadable",
                                {{"file", file}, {"folder", folder.string()}},
                                fault.message()});
            return;
        }
        ++count;
        bytes += static_cast<std::uint64_t>(facts.st_size);
    }
    findings.push_back(
        {"segments",
         Level::ok,
         is_held(folder) ? "segments-held" : "segments",
         {{"count", std::to_string(count)}, {"size", std::to_string(bytes / mebibyte)}},
         {}});
}

} // namespace

Surroundings machine() {
    return {.now =
                [] {
                    return geo::Instant{std::chrono::duration_cast<std::chrono::microseconds>(
                                            std::chrono::system_clock::now().time_since_epoch())
                                            .count()};
                },
            .room = [](fs::path const& folder) -> std::optional<Room> {
                struct statvfs facts {};
                if (::statvfs(folder.c_str(), &facts) != 0) return std::nullopt;
                return Room{std::uint64_t{facts.f_bavail} * facts.f_frsize,
                            std::uint64_t{facts.f_blocks} * facts.f_frsize};
            }};
}

Findings examine_folders(Settings const& settings, Surroundings const& surroundings) {
    Findings findings;
    check_read(findings, "migrations-folder", settings.migrations, "0001_roles_and_registry.sql",
               Level::fail);
    check_read(findings, "styles", settings.styles, "light.json", Level::fail);
    check_read(findings, "console", settings.console, "index.html", Level::warn);
    check_written(findings, "blobs-folder", settings.blobs, surroundings);
    if (settings.segments.empty()) return findings;
    check_written(findings, "segments-folder", settings.segments, surroundings);
    check_segments(findings, settings.segments);
    return findings;
}

} // namespace diaban::services::doctor
