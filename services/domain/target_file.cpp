#include "services/domain/target_file.hpp"

#include "geo/error.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>
#include <ostream>
#include <system_error>
#include <utility>

namespace diaban::services::domain {

namespace {

namespace fs = std::filesystem;
using geo::exposure::CellRun;
using geo::exposure::FootprintEnd;

static_assert(std::endian::native == std::endian::little, "the file is mapped as it is");

struct Header {
    std::array<char, 8> name{'D', 'B', 'T', 'A', 'R', 'G', 'T', '1'};
    std::int64_t generation = 0;
    std::int64_t seq = 0;
    std::uint64_t rows = 0;
    std::uint64_t parts = 0;
    std::uint64_t runs = 0;
    std::uint64_t text = 0; ///< bytes
    std::uint64_t unused = 0;
};
static_assert(sizeof(Header) == 64);

/// Sections begin at whole eights.
constexpr std::uint64_t padded(std::uint64_t bytes) noexcept {
    return (bytes + 7) / 8 * 8;
}

std::uint64_t size_of(Header const& h) noexcept {
    return sizeof h + h.rows * (sizeof(TargetRow) + sizeof(FootprintEnd)) +
           h.parts * sizeof(double) + h.runs * sizeof(CellRun) +
           padded(h.parts * sizeof(std::uint32_t)) + h.text;
}

template <typename T>
void put(std::ostream& out, std::span<T const> values) {
    constexpr char none[8] = {};
    auto const bytes = values.size_bytes();
    out.write(reinterpret_cast<char const*>(values.data()), std::streamsize(bytes));
    out.write(none, std::streamsize(padded(bytes) - bytes));
}

} // namespace

TargetFile::TargetFile(std::shared_ptr<MappedFile const> mapped) : m_mapped{std::move(mapped)} {}

std::optional<TargetFile> TargetFile::open(fs::path const& file) {
    TargetFile opened{std::make_shared<MappedFile const>(file)};
    if (!opened.read()) return std::nullopt;
    std::error_code ignored;
    fs::last_write_time(file, fs::file_time_type::clock::now(), ignored); // it is in use
    return opened;
}

bool TargetFile::read() {
    Header h;
    auto const bytes = m_mapped->bytes();
    if (bytes.size() < sizeof h) return false;
    std::memcpy(&h, bytes.data(), sizeof h);
    constexpr std::uint64_t most = std::uint64_t{1} << 40U; // of anything: sums stay in range
    if (h.name != Header{}.name || h.rows > most || h.parts > most || h.runs > most ||
        h.text > most || size_of(h) != bytes.size())
        return false;
    auto const* next = bytes.data() + sizeof h;
    auto const section = [&]<typename T>(std::span<T const>& into, std::uint64_t count) {
        into = {reinterpret_cast<T const*>(next), std::size_t(count)};
        next += padded(count * sizeof(T));
    };
    section(m_view.rows, h.rows);
    section(m_view.cells.ends, h.rows);
    section(m_view.cells.shares, h.parts);
    section(m_view.cells.runs, h.runs);
    section(m_view.cells.cells, h.parts);
    m_view.about = Json::parse(
        std::string_view{reinterpret_cast<char const*>(next), std::size_t(h.text)}, nullptr, false);
    if (!m_view.about.is_object() || !m_view.about.contains("kinds")) return false;
    m_view.kinds = m_view.about["kinds"].get<std::vector<std::string>>();
    m_view.scopes = m_view.about["scopes"].get<std::vector<std::string>>();
    m_view.cursor = {h.generation, h.seq};
    return true;
}

void TargetFile::write(fs::path const& file, TargetView const& targets) {
    auto about = targets.about;
    about["kinds"] = targets.kinds;
    about["scopes"] = targets.scopes;
    auto const text = about.dump(-1, ' ', false, Json::error_handler_t::replace);
    Header header;
    header.generation = targets.cursor.generation;
    header.seq = targets.cursor.seq;
    header.rows = targets.rows.size();
    header.parts = targets.cells.cells.size();
    header.runs = targets.cells.runs.size();
    header.text = text.size();
    bool const stands = write_aside(file, [&](std::ostream& out) {
        out.write(reinterpret_cast<char const*>(&header), sizeof header);
        put(out, targets.rows);
        put(out, targets.cells.ends);
        put(out, targets.cells.shares);
        put(out, targets.cells.runs);
        put(out, targets.cells.cells);
        out << text;
    });
    if (!stands) throw geo::Error{geo::Code::unavailable, "disk-full", {}, file.string()};
}

void TargetFile::restamp(fs::path const& file, data::postgis::Cursor cursor) {
    int const descriptor = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) return;
    std::array<std::int64_t, 2> const where{cursor.generation, cursor.seq};
    // Torn, it would name a place nobody was at: it is one aligned piece of 16 bytes.
    [[maybe_unused]] auto const written =
        ::pwrite(descriptor, where.data(), sizeof where, offsetof(Header, generation));
    ::close(descriptor);
}

} // namespace diaban::services::domain
