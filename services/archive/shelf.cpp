#include "services/archive/shelf.hpp"

#include "geo/error.hpp"

#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <system_error>
#include <utility>

namespace diaban::services::archive {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t between = 2'000; // ms
constexpr std::size_t most_files = 1'000;

std::int64_t now() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

bool is_archive(fs::path const& path) {
    return path.extension() == ".mbtiles" || path.extension() == ".pmtiles";
}

std::string id_of(fs::path const& path) {
    auto id = path.stem().string().substr(0, 64);
    for (auto& c : id) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) c = '_';
    }
    return id;
}

std::shared_ptr<TileArchive const> open_or_say(fs::path const& path) {
    try {
        auto archive = open_archive(path);
        if (archive->about().kind == tiles::archive::Kind::other)
            throw geo::Error{
                geo::Code::bad_input, "bad-archive", {{"reason", "tiles of an unknown kind"}}};
        return archive;
    } catch (geo::Error const& fault) {
        std::string reason;
        for (auto const& [name, value] : fault.parameters())
            if (name == "reason") reason = value;
        spdlog::warn("{} is not served: {}", path.filename().string(),
                     reason.empty() ? fault.what() : reason);
        return nullptr;
    }
}

/// Whether `wide` sees all that `narrow` sees.
bool holds(geo::Policy const& wide, geo::Policy const& narrow) {
    if (wide.level() < narrow.level()) return false;
    if (narrow.all_scopes() && !wide.all_scopes()) return false;
    return std::ranges::all_of(narrow.scopes(),
                               [&](auto const& scope) { return wide.sees_scope(scope); }) &&
           std::ranges::all_of(wide.masked(),
                               [&](auto const& field) { return !narrow.sees_field(field); });
}

} // namespace

Shelf::Shelf(fs::path place)
    : m_place{std::move(place)}, m_archives{std::make_shared<Archives const>()} {
    look_if_due();
}

std::shared_ptr<TileArchive const> Shelf::find(std::string_view id) {
    auto const archives = all();
    auto const at = archives->find(id);
    return at == archives->end() ? nullptr : at->second;
}

std::shared_ptr<Shelf::Archives const> Shelf::all() {
    look_if_due();
    return m_archives.load();
}

void Shelf::look_if_due() {
    if (now() < m_due.load(std::memory_order_relaxed)) return;
    std::unique_lock const lock{m_looking, std::try_to_lock};
    if (!lock || now() < m_due.load()) return;
    auto files = look();
    auto archives = std::make_shared<Archives>();
    for (auto& [path, seen] : files) {
        auto const before = m_files.find(path);
        if (before != m_files.end() && before->second.same(seen))
            seen.archive = before->second.archive;
        else
            seen.archive = open_or_say(path);
        if (seen.archive) archives->emplace(seen.id, seen.archive);
    }
    m_files = std::move(files);
    m_archives.store(std::move(archives));
    m_due = now() + between;
}

Shelf::Files Shelf::look() const {
    Files files;
    auto const take = [&](fs::path const& path) {
        struct stat about {};
        if (!is_archive(path) || ::stat(path.c_str(), &about) != 0 || !S_ISREG(about.st_mode))
            return;
        files[path] = {about.st_ino, static_cast<std::uint64_t>(about.st_size),
                       about.st_mtim.tv_sec * std::int64_t{1'000'000'000} + about.st_mtim.tv_nsec,
                       id_of(path), nullptr};
    };
    std::error_code fault;
    if (!fs::is_directory(m_place, fault)) {
        take(m_place);
        return files;
    }
    for (fs::directory_iterator at{m_place, fault}, end;
         !fault && at != end && files.size() < most_files; at.increment(fault))
        take(at->path());
    return files;
}

bool may_read(access::Rights const& rights, std::string_view id, About const& about) {
    if (about.reads.empty()) return rights.find(id, access::Action::read) != nullptr;
    return std::ranges::all_of(about.reads, [&](auto const& read) {
        auto const* const policy = rights.find(read.first, access::Action::read);
        return policy != nullptr && holds(*policy, read.second);
    });
}

} // namespace diaban::services::archive
