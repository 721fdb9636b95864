#include "services/domain/segments.hpp"

#include "geo/error.hpp"
#include "services/domain/loader.hpp"
#include "tiles/mirror/segment.hpp"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/file.h>
#include <unistd.h>

#include <system_error>

namespace diaban::services::domain {

namespace {

using tiles::mirror::Segment;
using tiles::mirror::SegmentStamp;

SegmentStamp stamp_of(tiles::mirror::Layer const& layer, std::uint64_t record,
                      data::postgis::Cursor cursor) {
    return {record, cursor.generation, cursor.seq, layer.native_zoom()};
}

} // namespace

Segments::Segments(std::filesystem::path folder) {
    if (folder.empty()) return;
    std::error_code fault;
    std::filesystem::create_directories(folder, fault);
    m_lock = ::open((folder / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (m_lock < 0) {
        spdlog::warn("no segments: {} cannot be written", folder.string());
        return;
    }
    if (::flock(m_lock, LOCK_EX | LOCK_NB) != 0) {
        spdlog::warn("no segments: {} belongs to another process", folder.string());
        return;
    }
    m_folder = std::move(folder);
}

Segments::~Segments() {
    if (m_lock >= 0) ::close(m_lock);
}

std::filesystem::path Segments::file_of(std::string const& collection) const {
    return m_folder / (collection + ".segment");
}

std::optional<Segments::Opened> Segments::open(data::model::Collection const& collection,
                                               std::uint64_t record,
                                               std::int64_t generation) const {
    // Without a native zoom the collection was imported anew, or never seen.
    if (m_folder.empty() || collection.native_zoom < 0) return std::nullopt;
    auto const schema = std::make_shared<geo::Schema const>(collection.schema);
    auto opened = tiles::mirror::open_segment(file_of(schema->id), schema, record, generation);
    if (auto const* const why = std::get_if<std::string>(&opened)) {
        if (*why != "absent") spdlog::warn("{}: segment refused: {}", schema->id, *why);
        return std::nullopt;
    }
    auto& segment = std::get<Segment>(opened);
    return Opened{tiles::mirror::Layer::of(std::move(segment.run), segment.stamp.native_zoom),
                  {segment.stamp.generation, segment.stamp.seq}};
}

void Segments::save(tiles::mirror::Layer const& layer, std::uint64_t record,
                    data::postgis::Cursor cursor) const {
    if (m_folder.empty()) return;
    auto const file = file_of(layer.schema().id);
    try {
        tiles::mirror::write_segment(file, layer.base(), stamp_of(layer, record, cursor));
    } catch (geo::Error const& error) {
        spdlog::warn("{}: segment not kept: {}", layer.schema().id, error.what());
        // Nobody is to take the one before for this one: `restamp` would say it is of now.
        std::error_code absent;
        std::filesystem::remove(file, absent);
    }
}

void Segments::restamp(tiles::mirror::Layer const& layer, std::uint64_t record,
                       data::postgis::Cursor cursor) const {
    if (m_folder.empty()) return;
    tiles::mirror::restamp_segment(file_of(layer.schema().id), stamp_of(layer, record, cursor));
}

} // namespace diaban::services::domain
