#include "services/archive/file.hpp"
#include "services/archive/tile_archive.hpp"
#include "services/http/content_coding.hpp"
#include "tiles/archive/directory.hpp"

#include <algorithm>
#include <list>
#include <mutex>
#include <vector>

namespace diaban::services::archive {

namespace {

using tiles::archive::Entry;
using tiles::archive::Packing;
using tiles::archive::Section;
using Entries = std::shared_ptr<std::vector<Entry> const>;

constexpr std::size_t most_directory = 4 << 20; // bytes, as it lies there
constexpr std::size_t most_unpacked_directory = 8 << 20;
constexpr std::size_t most_unpacked_metadata = 4 << 20;

class Pmtiles : public TileArchive {
public:
    explicit Pmtiles(std::filesystem::path const& path) : m_file{path, File::Use::read} {
        if (!m_file.is_open()) refuse("the file cannot be opened");
        auto const size = m_file.size();
        auto const first =
            m_file.read(0, std::min<std::uint64_t>(size, tiles::archive::header_size));
        m_header = tiles::archive::decode_header(std::as_bytes(std::span{first}), size);
        if (m_header.internal != Packing::none && m_header.internal != Packing::gzip)
            refuse("directories are packed otherwise than by gzip");
        describe();
        m_root = directory(m_header.root);
    }

    About const& about() const noexcept override { return m_about; }

    std::optional<std::string> tile(tiles::TileId tile) const override {
        auto const entry =
            tiles::archive::locate(*m_root, tiles::archive::number_of(tile),
                                   [this](Entry const& leaf) { return leaf_of(leaf); });
        if (!entry) return std::nullopt;
        auto const whole = part(m_header.tiles, *entry);
        if (whole.length > most_tile) refuse("a tile of more than 16 MiB");
        return read(whole);
    }

private:
    void describe() {
        m_about.kind = m_header.kind;
        m_about.packing = m_header.tile;
        m_about.min_zoom = m_header.min_zoom;
        m_about.max_zoom = m_header.max_zoom;
        m_about.bounds = m_header.bounds;
        m_about.centre = m_header.centre;
        m_about.centre_zoom = m_header.centre_zoom;
        if (m_header.metadata.length == 0) return;
        read_metadata(unpack(read(m_header.metadata), most_unpacked_metadata), m_about);
    }

    /// Where the bytes of an entry lie in the file.
    static Section part(Section const& section, Entry const& entry) {
        if (entry.offset > section.length || entry.length > section.length - entry.offset)
            refuse("a directory points outside its section");
        return {section.offset + entry.offset, entry.length};
    }

    std::string read(Section const& section) const {
        auto bytes = m_file.read(section.offset, section.length);
        if (bytes.size() != section.length) refuse("the file is cut short");
        return bytes;
    }

    std::string unpack(std::string bytes, std::size_t most) const {
        if (m_header.internal == Packing::none) return bytes;
        auto unpacked = http::decode_gzip(bytes, most);
        if (!unpacked) refuse("a directory or the metadata is damaged, or larger than it may be");
        return *std::move(unpacked);
    }

    Entries directory(Section const& section) const {
        if (section.length > most_directory) refuse("a directory of more than 4 MiB");
        auto const bytes = unpack(read(section), most_unpacked_directory);
        auto entries = tiles::archive::decode(std::as_bytes(std::span{bytes}));
        if (!entries) refuse("a directory is damaged");
        return std::make_shared<std::vector<Entry> const>(*std::move(entries));
    }

    /// Those used last are kept, as many as fit.
    Entries leaf_of(Entry const& entry) const {
        {
            std::scoped_lock const lock{m_mutex};
            auto const at = std::ranges::find(m_leaves, entry.offset, &Kept::offset);
            if (at != m_leaves.end()) {
                m_leaves.splice(m_leaves.begin(), m_leaves, at);
                return at->entries;
            }
        }
        auto entries = directory(part(m_header.leaves, entry));
        std::scoped_lock const lock{m_mutex};
        m_leaves.push_front({entry.offset, entries});
        m_kept += entries->size();
        constexpr std::size_t most_kept = 1'000'000;
        while (m_leaves.size() > 1 && (m_kept > most_kept || m_leaves.size() > 256)) {
            m_kept -= m_leaves.back().entries->size();
            m_leaves.pop_back();
        }
        return entries;
    }

    struct Kept {
        std::uint64_t offset;
        Entries entries;
    };

    File m_file;
    tiles::archive::Header m_header;
    About m_about;
    Entries m_root;
    mutable std::mutex m_mutex;
    mutable std::list<Kept> m_leaves;
    mutable std::size_t m_kept = 0; // entries
};

} // namespace

std::shared_ptr<TileArchive const> open_pmtiles(std::filesystem::path const& file) {
    return std::make_shared<Pmtiles const>(file);
}

std::shared_ptr<TileArchive const> open_archive(std::filesystem::path const& file) {
    constexpr std::string_view sqlite{"SQLite format 3\0", 16};
    constexpr std::string_view pmtiles = "PMTiles";
    File const opened{file, File::Use::read};
    if (!opened.is_open()) refuse("the file cannot be opened");
    auto const size = std::min<std::uint64_t>(opened.size(), sqlite.size());
    auto const first = opened.read(0, size);
    if (first == sqlite) return open_mbtiles(file);
    if (first.starts_with(pmtiles)) return open_pmtiles(file);
    refuse("neither PMTiles nor MBTiles");
}

} // namespace diaban::services::archive
