#include "data/model/unwritable_file.hpp"
#include "data/sqlite/mbtiles.hpp"
#include "geo/error.hpp"
#include "services/archive/file.hpp"
#include "services/archive/seed.hpp"
#include "services/http/content_coding.hpp"
#include "tiles/archive/contents.hpp"
#include "tiles/archive/directory.hpp"
#include "tiles/archive/header.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <map>

namespace diaban::services::archive {

namespace {

using Json = nlohmann::ordered_json;
using tiles::archive::Section;

std::string_view text_of(std::span<std::byte const> bytes) {
    return {reinterpret_cast<char const*>(bytes.data()), bytes.size()};
}

std::vector<std::byte> bytes_of(std::string_view text) {
    auto const bytes = std::as_bytes(std::span{text});
    return {bytes.begin(), bytes.end()};
}

/// What both forms keep as JSON.
Json layers_and_reads(About const& about) {
    Json ours{{"reads", Json::parse(reads_json(about.reads))}};
    if (!about.style.empty()) ours["style"] = about.style;
    return {{"vector_layers", Json::parse(about.layers)}, {"diaban", std::move(ours)}};
}

std::string pmtiles_metadata(About const& about) {
    Json json{{"name", about.name},
              {"description", about.description},
              {"attribution", about.attribution},
              {"type", "overlay"},
              {"generator", "diaban " DIABAN_VERSION}};
    json.update(layers_and_reads(about));
    return json.dump();
}

geo::Position centre_of(geo::Box const& box) {
    return {(box.min_x + box.max_x) / 2, (box.min_y + box.max_y) / 2};
}

/// The sections one after another: root, metadata, leaves, tiles.
void write_pmtiles(Spool const& spool, About const& about, File& file) {
    using namespace tiles::archive;
    Lines lines;
    for (auto const& made : spool.made()) lines.add(made.number, made.place);
    auto const packed = [](std::string_view text) {
        return http::encode(text, http::Encoding::gzip, http::Effort::kept);
    };
    auto const directories = arrange(lines.entries(), [&](std::span<std::byte const> bytes) {
        return bytes_of(packed(text_of(bytes)));
    });
    auto const metadata = packed(pmtiles_metadata(about));
    Header header;
    header.root = {header_size, directories.root.size()};
    header.metadata = {header.root.offset + header.root.length, metadata.size()};
    header.leaves = {header.metadata.offset + header.metadata.length, directories.leaves.size()};
    header.tiles = {header.leaves.offset + header.leaves.length, spool.bytes()};
    header.addressed = lines.tiles();
    header.entries = lines.entries().size();
    header.contents = spool.bodies();
    header.clustered = true;
    header.min_zoom = static_cast<std::uint8_t>(about.min_zoom);
    header.max_zoom = static_cast<std::uint8_t>(about.max_zoom);
    header.bounds = about.bounds;
    header.centre = centre_of(about.bounds);
    header.centre_zoom = header.min_zoom;
    file.write(0, text_of(encode(header)));
    file.write(header.root.offset, text_of(directories.root));
    file.write(header.metadata.offset, metadata);
    file.write(header.leaves.offset, text_of(directories.leaves));
    auto at = header.tiles.offset;
    spool.each_piece([&](std::string_view piece) {
        file.write(at, piece);
        at += piece.size();
    });
}

void write_lines(data::sqlite::MbtilesWriter& writer, About const& about) {
    auto const& box = about.bounds;
    auto const centre = centre_of(box);
    for (auto const& [name, value] : std::initializer_list<std::pair<char const*, std::string>>{
             {"name", about.name},
             {"format", "pbf"},
             {"bounds", fmt::format("{:.7f},{:.7f},{:.7f},{:.7f}", box.min_x, box.min_y, box.max_x,
                                    box.max_y)},
             {"center", fmt::format("{:.7f},{:.7f},{}", centre.x, centre.y, about.min_zoom)},
             {"minzoom", std::to_string(about.min_zoom)},
             {"maxzoom", std::to_string(about.max_zoom)},
             {"attribution", about.attribution},
             {"description", about.description},
             {"type", "overlay"},
             {"version", "1"},
             {"generator", "diaban " DIABAN_VERSION},
             {"json", layers_and_reads(about).dump()}})
        writer.add_metadata(name, value);
}

void write_mbtiles(Spool const& spool, About const& about, std::filesystem::path const& path) {
    data::sqlite::MbtilesWriter writer{path};
    write_lines(writer, about);
    std::map<std::uint64_t, std::int64_t> bodies; // number by offset
    struct Line {
        tiles::TileId tile;
        std::int64_t body;
    };
    std::vector<Line> lines;
    lines.reserve(spool.made().size());
    for (auto const& made : spool.made()) {
        auto const [at, is_new] =
            bodies.emplace(made.place.offset, static_cast<std::int64_t>(bodies.size()) + 1);
        if (is_new) writer.add_body(at->second, spool.body(made.place));
        lines.push_back({*tiles::archive::tile_of(made.number), at->second});
    }
    // As the primary key has them: columns before rows, rows from the south.
    std::ranges::sort(lines, [](Line const& a, Line const& b) {
        if (a.tile.zoom() != b.tile.zoom()) return a.tile.zoom() < b.tile.zoom();
        if (a.tile.x() != b.tile.x()) return a.tile.x() < b.tile.x();
        return a.tile.y() > b.tile.y();
    });
    for (auto const& line : lines)
        writer.add_tile(line.tile.zoom(), line.tile.x(), line.tile.y(), line.body);
    writer.finish();
}

} // namespace

void write_archive(Spool const& spool, About const& about, std::filesystem::path const& target) {
    if (spool.made().empty()) throw geo::Error{geo::Code::not_found, "nothing-to-seed"};
    auto made = target;
    made += ".part.new";
    std::error_code ignored;
    std::filesystem::remove(made, ignored); // of one that was killed
    if (target.extension() == ".mbtiles") try {
            write_mbtiles(spool, about, made);
        } catch (geo::Error const& fault) {
            data::model::refuse_file(target, fault.what());
        }
    File file{made, File::Use::write};
    if (target.extension() != ".mbtiles") write_pmtiles(spool, about, file);
    file.sync();
    give_name(made, target);
}

} // namespace diaban::services::archive
