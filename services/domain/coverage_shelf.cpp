#include "services/domain/coverage_shelf.hpp"

#include "data/blob/blob_store.hpp"
#include "geo/error.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace diaban::services::domain {

namespace {

using geo::Code;
using geo::Error;

constexpr std::chrono::milliseconds fresh{250};
/// What is asked for and not known may just have come.
constexpr std::chrono::milliseconds fresh_for_strangers{10};
/// Open files beside those in use: some descriptors and kilobytes each.
constexpr std::size_t most_open = 64;

bool sees(CoverageReader const& reader, data::model::Coverage const& entry) {
    auto const& name = entry.derived_from.empty() ? entry.id : entry.derived_from;
    auto const* const policy = reader.rights.find(name, access::Action::read);
    return policy != nullptr && policy->sees(entry.scope, entry.sensitivity) &&
           (!entry.login || *entry.login == reader.login);
}

} // namespace

geo::Box degrees_of(geo::raster::Frame const& frame) {
    constexpr int steps = 32; // a side of a province bends by metres between them
    return geo::box_after(geo::Transform::between(frame.srid, 4326), frame.box(), steps);
}

void refuse_coverage(std::string_view id) {
    throw Error{Code::not_found, "unknown-coverage", {{"coverage", std::string{id.substr(0, 64)}}}};
}

ShelvedCoverage::ShelvedCoverage(data::model::Coverage given)
    : entry{std::move(given)}, from_degrees{geo::Transform::between(4326, entry.frame.srid)},
      from_mercator{geo::Transform::between(3857, entry.frame.srid)}, degrees{degrees_of(
                                                                          entry.frame)} {}

data::model::CoverageFile const& ShelvedCoverage::file(std::optional<geo::Instant> at) const {
    auto const& files = entry.files;
    auto const after =
        at ? std::ranges::find_if(files, [&](auto const& f) { return f.at > at; }) : files.end();
    if (after != files.begin()) return *std::prev(after);
    throw Error{Code::not_found, "no-such-time", {{"coverage", entry.id}}};
}

int ShelvedCoverage::band(std::optional<std::string_view> name) const {
    if (!name) return 1;
    auto const found = std::ranges::find(entry.bands, *name);
    if (found != entry.bands.end()) return int(found - entry.bands.begin()) + 1;
    throw Error{Code::bad_input,
                "bad-parameter",
                {{"parameter", "band"},
                 {"value", std::string{name->substr(0, 64)}},
                 {"accepted", fmt::format("{}", fmt::join(entry.bands, ", "))}}};
}

std::vector<CoverageShelf::Entry> CoverageShelf::list(CoverageReader const& reader) const {
    std::vector<Entry> seen;
    for (auto const& [id, entry] : shelf(fresh)->entries)
        if (sees(reader, entry->entry)) seen.push_back(entry);
    return seen;
}

CoverageShelf::Entry CoverageShelf::find(std::string_view id, CoverageReader const& reader) const {
    auto all = shelf(fresh);
    auto found = all->entries.find(id);
    if (found == all->entries.end()) {
        all = shelf(fresh_for_strangers);
        found = all->entries.find(id);
    }
    if (found == all->entries.end() || !sees(reader, found->second->entry)) refuse_coverage(id);
    return found->second;
}

std::vector<CoverageShelf::Entry> CoverageShelf::derived(std::string_view id,
                                                         CoverageReader const& reader) const {
    auto all = list(reader);
    std::erase_if(all, [&](Entry const& one) { return one->entry.derived_from != id; });
    return all;
}

std::shared_ptr<CoverageShelf::Shelf const>
CoverageShelf::shelf(std::chrono::milliseconds age) const {
    {
        std::lock_guard const lock{m_mutex};
        if (m_shelf && Clock::now() - m_looked < age) return m_shelf;
    }
    std::unique_lock looking{m_looking, std::defer_lock};
    bool const first = [&] {
        std::lock_guard const lock{m_mutex};
        return m_shelf == nullptr;
    }();
    // One looks; others go on with what is known, if anything is.
    if (first)
        looking.lock();
    else if (!looking.try_lock()) {
        std::lock_guard const lock{m_mutex};
        return m_shelf;
    }
    look_again(age);
    std::lock_guard const lock{m_mutex};
    return m_shelf;
}

void CoverageShelf::look_again(std::chrono::milliseconds age) const {
    std::shared_ptr<Shelf const> before;
    {
        std::lock_guard const lock{m_mutex};
        if (m_shelf && Clock::now() - m_looked < age) return;
        before = m_shelf;
    }
    auto after = before;
    try {
        auto const version = m_registry.version();
        if (!before || before->version != version) {
            auto made = std::make_shared<Shelf>();
            made->version = version;
            for (auto& one : m_registry.list()) {
                auto id = one.id;
                made->entries.emplace(std::move(id),
                                      std::make_shared<ShelvedCoverage const>(std::move(one)));
            }
            after = std::move(made);
        }
    } catch (Error const& error) {
        if (!before || error.code() != Code::unavailable) throw;
        spdlog::warn("coverages are as they were last known: {}", error.what());
    }
    std::lock_guard const lock{m_mutex};
    m_shelf = std::move(after);
    m_looked = Clock::now();
}

std::filesystem::path CoverageShelf::path(data::model::CoverageFile const& file) const {
    auto const path = data::blob::BlobStore{m_blobs}.find(file.sha256);
    if (!path) throw Error{Code::unavailable, "result-elsewhere", {}, file.sha256};
    return *path;
}

data::gdal::RasterSource CoverageShelf::take(std::string const& sha256) const {
    {
        std::lock_guard const lock{m_mutex};
        auto const found =
            std::ranges::find_if(m_open, [&](auto const& one) { return one.first == sha256; });
        if (found != m_open.end()) {
            auto source = std::move(found->second);
            m_open.erase(found);
            return source;
        }
    }
    return data::gdal::RasterSource::open(path({.at = {}, .sha256 = sha256}));
}

void CoverageShelf::give_back(std::string const& sha256, data::gdal::RasterSource source) const {
    std::lock_guard const lock{m_mutex};
    m_open.emplace_front(sha256, std::move(source));
    if (m_open.size() > most_open) m_open.pop_back();
}

} // namespace diaban::services::domain
