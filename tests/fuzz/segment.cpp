#include "tiles/mirror/segment.hpp"

#include "geo/error.hpp"
#include "tests/fuzz/scratch_file.hpp"

#include <xxhash.h>

#include <array>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

using namespace diaban;

// Of the header: where it ends, and what of it follows from the rest of the file.
constexpr std::size_t header_bytes = 80;
constexpr std::size_t file_bytes_at = 16;
constexpr std::size_t body_sum_at = 64;
constexpr std::size_t header_sum_at = 72;
constexpr std::uint64_t record = 77;
constexpr std::int64_t generation = 1;

std::shared_ptr<geo::Schema const> schema() {
    auto made = std::make_shared<geo::Schema>();
    made->id = "spots";
    made->geometry = geo::GeometryKind::point;
    geo::Field name;
    name.name = "name";
    name.tile = true;
    made->fields.push_back(std::move(name));
    return made;
}

/// The header of a segment that was written, of one point.
std::string header_of(std::filesystem::path const& file,
                      std::shared_ptr<geo::Schema const> const& schema) {
    static constexpr std::array<std::int64_t, 1> fids{1};
    static constexpr std::array<std::uint32_t, 2> numbers{0, 1};
    static constexpr std::array<std::uint8_t, 1> zooms{0};
    static constexpr std::array<tiles::GridPoint, 1> points{};
    static std::array<tiles::GridBox, 1> const boxes{};
    static auto const nodes = geo::index::PackedRtree<tiles::GridBox>::nodes_over(boxes);
    std::span<std::uint32_t const> const both{numbers};
    tiles::mirror::Run run;
    run.schema = schema;
    run.fids = fids;
    run.by_fid = run.classes = both.first(1);
    run.safe_zooms = zooms;
    run.boxes = boxes;
    run.path_begin = run.point_begin = both;
    run.points = points;
    run.nodes = nodes;
    run.columns.push_back({schema->fields.data(), both.first(1), both.first(1)});
    run.class_table.emplace_back();
    tiles::mirror::write_segment(file, run, {record, generation, 5, 14});
    std::ifstream written{file, std::ios::binary};
    std::string header(header_bytes, '\0');
    written.read(header.data(), std::streamsize(header.size()));
    return header;
}

} // namespace

/// The bytes behind the header, which agrees with them: what a checksum does not hold off.
void diaban::tests::fuzz::segment(Bytes input) {
    static ScratchFile const file{"segment"};
    static auto const of = schema();
    static auto const header = header_of(file.path(), of);
    auto bytes = header + std::string{text_of(input)};
    auto const put = [&](std::size_t at, std::uint64_t value) {
        std::memcpy(bytes.data() + at, &value, sizeof value);
    };
    put(file_bytes_at, bytes.size());
    put(body_sum_at, XXH3_64bits(bytes.data() + header_bytes, bytes.size() - header_bytes));
    put(header_sum_at, XXH3_64bits(bytes.data(), header_sum_at));
    auto const* const begin = reinterpret_cast<std::uint8_t const*>(bytes.data());
    auto const opened =
        tiles::mirror::open_segment(file.holding({begin, bytes.size()}), of, record, generation);
    auto const* const read = std::get_if<tiles::mirror::Segment>(&opened);
    if (read == nullptr) {
        require(std::get<std::string>(opened) == "damaged", "a sum that was right is refused");
        return;
    }
    require(read->run->bytes == bytes.size(), "a segment of another size");
    for (auto const fid : read->run->fids) static_cast<void>(fid);
}
