#include "data/sqlite/mbtiles.hpp"
#include "services/archive/tile_archive.hpp"

#include <array>
#include <charconv>

namespace diaban::services::archive {

namespace {

using tiles::archive::Kind;

/// `a,b,…` of exactly so many numbers; nothing for anything else.
template <std::size_t Count>
std::optional<std::array<double, Count>> numbers(std::string_view text) {
    std::array<double, Count> found{};
    for (std::size_t i = 0; i < Count; ++i) {
        while (text.starts_with(' ')) text.remove_prefix(1);
        auto const [stop, fault] =
            std::from_chars(text.data(), text.data() + text.size(), found[i]);
        if (fault != std::errc{} || !(found[i] >= -360 && found[i] <= 360)) return std::nullopt;
        text.remove_prefix(std::size_t(stop - text.data()));
        if (i + 1 == Count) break;
        if (!text.starts_with(',')) return std::nullopt;
        text.remove_prefix(1);
    }
    return found;
}

Kind kind_of(std::string_view format) {
    if (format == "pbf" || format == "mvt") return Kind::mvt;
    if (format == "png") return Kind::png;
    if (format == "jpg" || format == "jpeg") return Kind::jpeg;
    if (format == "webp") return Kind::webp;
    if (format == "avif") return Kind::avif;
    refuse("tiles of another format than pbf, png, jpg, webp or avif");
}

class Mbtiles : public TileArchive {
public:
    explicit Mbtiles(std::filesystem::path const& path) : m_reader{path} {
        auto const of = [&](char const* name) {
            auto const at = m_reader.metadata().find(name);
            return at == m_reader.metadata().end() ? std::string{} : at->second;
        };
        m_about.kind = kind_of(of("format"));
        if (auto const json = of("json"); !json.empty()) read_metadata(json, m_about);
        m_about.name = of("name");
        m_about.description = of("description");
        m_about.attribution = of("attribution");
        if (auto const bounds = numbers<4>(of("bounds")))
            m_about.bounds = {(*bounds)[0], (*bounds)[1], (*bounds)[2], (*bounds)[3]};
        if (auto const centre = numbers<3>(of("center"))) {
            m_about.centre = {(*centre)[0], (*centre)[1]};
            m_about.centre_zoom = std::uint32_t(std::max(0.0, std::min(31.0, (*centre)[2])));
        }
        auto const zooms = m_reader.zooms();
        if (!zooms) refuse("there are no tiles in it");
        m_about.min_zoom = zooms->first;
        m_about.max_zoom = zooms->second;
    }

    About const& about() const noexcept override { return m_about; }

    std::optional<std::string> tile(tiles::TileId tile) const override {
        auto body = m_reader.tile(tile.zoom(), tile.x(), tile.y());
        if (body && body->size() > most_tile) refuse("a tile of more than 16 MiB");
        return body;
    }

private:
    mutable data::sqlite::MbtilesReader m_reader;
    About m_about;
};

} // namespace

std::shared_ptr<TileArchive const> open_mbtiles(std::filesystem::path const& file) {
    return std::make_shared<Mbtiles const>(file);
}

} // namespace diaban::services::archive
