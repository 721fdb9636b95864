#include "tiles/mirror/segment.hpp"

#include "geo/error.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <span>
#include <vector>

namespace diaban::tiles::mirror {
namespace {

static_assert(std::endian::native == std::endian::little, "segments are little-endian");

constexpr std::array<char, 8> magic{'D', 'I', 'A', 'B', 'A', 'N', 'S', 'G'};
constexpr std::uint32_t format = 7; // raised by every change of what is written here or of Run
constexpr std::size_t alignment = 64;

struct Header {
    std::array<char, 8> magic{};
    std::uint32_t format = 0;
    std::uint32_t sections = 0;
    std::uint64_t file_bytes = 0;
    std::uint64_t schema = 0; // fingerprint
    SegmentStamp stamp;
    std::uint64_t body_sum = 0;   // of everything behind the header
    std::uint64_t header_sum = 0; // of all of the above
};

/// Where an array lies in the file, in bytes.
struct Section {
    std::uint64_t begin = 0;
    std::uint64_t bytes = 0;
};

constexpr std::size_t header_bytes = sizeof(Header);

std::uint64_t sum_of(Header const& header) noexcept {
    return XXH3_64bits(&header, offsetof(Header, header_sum));
}

/// What of a schema a run depends on.
std::uint64_t fingerprint(geo::Schema const& schema) {
    std::string text = schema.id + "/" + std::to_string(int(schema.geometry)) + "/" +
                       std::to_string(schema.version) + "/" +
                       std::to_string(int(schema.has_labels())) + "/" + schema.class_field + "/" +
                       std::to_string(int(schema.merges())) +
                       std::to_string(int(schema.simplifies())) + "/" + schema.time_field;
    for (auto const& field : schema.fields)
        if (field.in_tiles()) text += "/" + field.name + ":" + std::string{to_string(field.type)};
    return XXH3_64bits(text.data(), text.size());
}

using Bytes = std::span<std::byte const>;

template <typename Item>
Bytes bytes_of(std::span<Item const> items) noexcept {
    return std::as_bytes(items);
}

/// The classes as bytes: each two numbers, a box, and the scope with its length before it.
std::vector<std::byte> packed(std::vector<RowClass> const& table) {
    std::vector<std::byte> out;
    auto const put = [&](auto const& value) {
        auto const bytes = std::as_bytes(std::span{&value, 1});
        out.insert(out.end(), bytes.begin(), bytes.end());
    };
    for (auto const& of : table) {
        put(of.rows);
        put(of.located);
        put(of.box);
        put(std::uint32_t{of.sensitivity});
        put(std::uint32_t(of.scope.size()));
        auto const text = std::as_bytes(std::span{of.scope});
        out.insert(out.end(), text.begin(), text.end());
    }
    return out;
}

bool unpack(Bytes bytes, std::vector<RowClass>& table) {
    auto const take = [&](auto& value) {
        if (bytes.size() < sizeof value) return false;
        std::memcpy(&value, bytes.data(), sizeof value);
        bytes = bytes.subspan(sizeof value);
        return true;
    };
    while (!bytes.empty()) {
        auto& of = table.emplace_back();
        std::uint32_t sensitivity = 0;
        std::uint32_t length = 0;
        if (!take(of.rows) || !take(of.located) || !take(of.box) || !take(sensitivity) ||
            !take(length) || bytes.size() < length)
            return false;
        of.sensitivity = std::uint8_t(sensitivity);
        of.scope.assign(reinterpret_cast<char const*>(bytes.data()), length);
        bytes = bytes.subspan(length);
    }
    return true;
}

/// A run's arrays in the order of the file; the columns' codes and places follow by turns.
std::vector<Bytes> arrays_of(Run const& run, std::vector<std::byte> const& classes) {
    std::vector<Bytes> arrays{
        bytes_of(run.fids),
        bytes_of(run.by_fid),
        bytes_of(run.classes),
        bytes_of(run.periods),
        bytes_of(run.safe_zooms),
        bytes_of(run.boxes),
        bytes_of(run.path_begin),
        bytes_of(run.point_begin),
        bytes_of(run.points),
        bytes_of(run.labels),
        bytes_of(run.first_zooms),
        bytes_of(run.bends),
        bytes_of(run.measures),
        bytes_of(run.nodes),
        bytes_of(run.tile_values.ends()),
        bytes_of(run.tile_values.bytes()),
        classes,
    };
    for (auto const& column : run.columns) {
        arrays.push_back(bytes_of(column.codes));
        arrays.push_back(bytes_of(column.places));
    }
    return arrays;
}

std::uint64_t aligned(std::uint64_t at) noexcept {
    return (at + alignment - 1) / alignment * alignment;
}

/// A file under a name of its own until it is whole.
class NewFile {
public:
    explicit NewFile(std::filesystem::path const& file)
        : m_file{file}, m_draft{file.string() + ".new"},
          m_descriptor{::open(m_draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)} {
        if (m_descriptor < 0) fail();
    }
    NewFile(NewFile const&) = delete;
    NewFile& operator=(NewFile const&) = delete;
    ~NewFile() {
        if (m_descriptor < 0) return;
        ::close(m_descriptor);
        ::unlink(m_draft.c_str());
    }

    void write(Bytes bytes) {
        while (!bytes.empty()) {
            auto const written =
                ::write(m_descriptor, bytes.data(), std::min(bytes.size(), std::size_t(stride)));
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) fail();
            bytes = bytes.subspan(std::size_t(written));
            m_unsent += written;
            if (m_unsent >= stride) send();
        }
    }
    void rewind() {
        if (::lseek(m_descriptor, 0, SEEK_SET) != 0) fail();
    }
    void put_in_place() {
        if (::fsync(m_descriptor) != 0 || ::rename(m_draft.c_str(), m_file.c_str()) != 0) fail();
        ::close(m_descriptor);
        m_descriptor = -1;
        auto const folder =
            ::open(m_file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (folder < 0) fail();
        auto const synced = ::fsync(folder);
        ::close(folder);
        if (synced != 0) fail();
    }

private:
    /// Hands what was written to the disk bit by bit: a hundred megabytes at once, at the end,
    /// would hold up whoever commits to the same disk meanwhile.
    void send() noexcept {
        static_cast<void>(::sync_file_range(m_descriptor, m_sent, m_unsent,
                                            SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
                                                SYNC_FILE_RANGE_WAIT_AFTER));
        m_sent += m_unsent;
        m_unsent = 0;
    }

    [[noreturn]] void fail() const {
        throw geo::Error{geo::Code::unavailable,
                         "segment-unwritten",
                         {},
                         m_draft + ": " + std::string{std::strerror(errno)}};
    }

    static constexpr ::off_t stride = ::off_t{4} << 20;

    std::filesystem::path m_file;
    ::off_t m_sent = 0;
    ::off_t m_unsent = 0;
    std::string m_draft;
    int m_descriptor;
};

/// A file mapped to memory.
class Mapping {
public:
    explicit Mapping(std::filesystem::path const& file) {
        int const descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
        if (descriptor < 0) return;
        struct stat status {};
        if (::fstat(descriptor, &status) == 0 && status.st_size > 0) {
            auto* const at =
                ::mmap(nullptr, std::size_t(status.st_size), PROT_READ, MAP_SHARED, descriptor, 0);
            if (at != MAP_FAILED)
                m_bytes = {static_cast<std::byte const*>(at), std::size_t(status.st_size)};
        }
        ::close(descriptor);
    }
    Mapping(Mapping const&) = delete;
    Mapping& operator=(Mapping const&) = delete;
    ~Mapping() {
        if (!m_bytes.empty()) ::munmap(const_cast<std::byte*>(m_bytes.data()), m_bytes.size());
    }
    [[nodiscard]] Bytes bytes() const noexcept { return m_bytes; }

private:
    Bytes m_bytes;
};

/// Gives out a mapped file's arrays one after the other; remembers whether one did not fit.
class Reader {
public:
    Reader(Bytes file, std::uint32_t sections) : m_file{file} {
        auto const table = file.subspan(std::min(header_bytes, file.size()));
        m_fits = table.size() / sizeof(Section) >= sections;
        if (!m_fits) return;
        m_sections.resize(sections);
        std::memcpy(m_sections.data(), table.data(), sections * sizeof(Section));
    }

    template <typename Item>
    void take(std::span<Item const>& items) {
        items = {};
        if (!m_fits || m_next >= m_sections.size()) return fail();
        auto const [begin, bytes] = m_sections[m_next++];
        if (begin % alignment != 0 || bytes % sizeof(Item) != 0 || begin > m_file.size() ||
            bytes > m_file.size() - begin)
            return fail();
        items = {reinterpret_cast<Item const*>(m_file.data() + begin), bytes / sizeof(Item)};
    }
    [[nodiscard]] bool fits() const noexcept { return m_fits; }

private:
    void fail() noexcept { m_fits = false; }

    Bytes m_file;
    std::vector<Section> m_sections;
    std::size_t m_next = 0;
    bool m_fits = true;
};

/// Whether the arrays are as long as they must be beside one another.
bool agrees(Run const& run) noexcept {
    auto const rows = run.fids.size();
    auto const located = run.boxes.size();
    bool good = run.by_fid.size() == rows && run.classes.size() == rows && located <= rows &&
                (run.periods.empty() || run.periods.size() == rows) &&
                run.safe_zooms.size() == located && run.path_begin.size() == located + 1 &&
                !run.point_begin.empty() &&
                run.labels.size() == (run.schema->has_labels() ? located : 0) &&
                run.first_zooms.size() == (run.schema->simplifies() ? run.points.size() : 0) &&
                (run.measures.empty() || run.measures.size() == located) &&
                run.nodes.size() == geo::index::PackedRtree<GridBox>::node_count(located) &&
                run.path_begin.back() + std::size_t{1} == run.point_begin.size() &&
                run.point_begin.back() == run.points.size();
    for (auto const& column : run.columns)
        good = good && column.codes.size() == rows && !column.places.empty();
    return good;
}

bool read_arrays(Run& run, Reader& reader) {
    std::span<std::uint32_t const> ends;
    std::span<char const> texts;
    std::span<std::byte const> classes;
    reader.take(run.fids);
    reader.take(run.by_fid);
    reader.take(run.classes);
    reader.take(run.periods);
    reader.take(run.safe_zooms);
    reader.take(run.boxes);
    reader.take(run.path_begin);
    reader.take(run.point_begin);
    reader.take(run.points);
    reader.take(run.labels);
    reader.take(run.first_zooms);
    reader.take(run.bends);
    reader.take(run.measures);
    reader.take(run.nodes);
    reader.take(ends);
    reader.take(texts);
    reader.take(classes);
    for (auto const& field : run.schema->fields)
        if (field.in_tiles()) {
            auto& column = run.columns.emplace_back();
            column.field = &field;
            reader.take(column.codes);
            reader.take(column.places);
        }
    run.tile_values = {ends, texts};
    return reader.fits() && (ends.empty() ? 0 : ends.back()) == texts.size() &&
           unpack(classes, run.class_table);
}

} // namespace

void write_segment(std::filesystem::path const& file, Run const& run, SegmentStamp const& stamp) {
    auto const classes = packed(run.class_table);
    auto const arrays = arrays_of(run, classes);
    std::vector<Section> sections;
    auto at = header_bytes + arrays.size() * sizeof(Section);
    for (auto const& array : arrays) {
        at = aligned(at);
        sections.push_back({at, array.size()});
        at += array.size();
    }

    Header header;
    header.magic = magic;
    header.format = format;
    header.sections = std::uint32_t(arrays.size());
    header.file_bytes = at;
    header.schema = fingerprint(*run.schema);
    header.stamp = stamp;

    NewFile out{file};
    std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> const sum{XXH3_createState(),
                                                                       &XXH3_freeState};
    XXH3_64bits_reset(sum.get());
    auto const put = [&](Bytes bytes) {
        XXH3_64bits_update(sum.get(), bytes.data(), bytes.size());
        out.write(bytes);
    };
    out.write(std::as_bytes(std::span{&header, 1}));
    put(std::as_bytes(std::span{sections}));
    std::array<std::byte, alignment> const nothing{};
    at = header_bytes + arrays.size() * sizeof(Section);
    for (std::size_t i = 0; i < arrays.size(); ++i) {
        put(std::span{nothing}.first(sections[i].begin - at));
        put(arrays[i]);
        at = sections[i].begin + sections[i].bytes;
    }
    header.body_sum = XXH3_64bits_digest(sum.get());
    header.header_sum = sum_of(header);
    out.rewind();
    out.write(std::as_bytes(std::span{&header, 1}));
    out.put_in_place();
}

bool restamp_segment(std::filesystem::path const& file, SegmentStamp const& stamp) {
    int const descriptor = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
    if (descriptor < 0) return false;
    Header header;
    auto const size = ssize_t(header_bytes);
    bool done = ::pread(descriptor, &header, header_bytes, 0) == size && header.magic == magic &&
                header.header_sum == sum_of(header);
    if (done) {
        header.stamp = stamp;
        header.header_sum = sum_of(header);
        done = ::pwrite(descriptor, &header, header_bytes, 0) == size;
    }
    ::close(descriptor);
    return done;
}

std::variant<Segment, std::string> open_segment(std::filesystem::path const& file,
                                                std::shared_ptr<geo::Schema const> schema,
                                                std::uint64_t record, std::int64_t generation) {
    auto const mapping = std::make_shared<Mapping>(file);
    auto const bytes = mapping->bytes();
    if (bytes.empty()) return "absent";
    Header header;
    if (bytes.size() < header_bytes) return "truncated";
    std::memcpy(&header, bytes.data(), header_bytes);
    if (header.magic != magic || header.format != format) return "format";
    if (header.header_sum != sum_of(header)) return "damaged";
    if (header.file_bytes != bytes.size()) return "truncated";
    if (header.stamp.record != record) return "record";
    if (header.stamp.generation != generation) return "generation";
    if (header.schema != fingerprint(*schema)) return "schema";
    auto const body = bytes.subspan(header_bytes);
    if (XXH3_64bits(body.data(), body.size()) != header.body_sum) return "damaged";

    auto run = std::make_shared<Run>();
    run->schema = std::move(schema);
    Reader reader{bytes, header.sections};
    if (!read_arrays(*run, reader) || !agrees(*run)) return "damaged";
    run->index = {run->boxes, run->nodes};
    run->bytes = bytes.size();
    run->memory = mapping;
    return Segment{std::move(run), header.stamp};
}

} // namespace diaban::tiles::mirror
