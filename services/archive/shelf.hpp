#pragma once

#include "services/access/rights.hpp"
#include "services/archive/tile_archive.hpp"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace diaban::services::archive {

/// The archives that a server has: the files of one folder, or one file.
///
/// Ids      the file's name without its ending, in small letters; what is neither letter nor digit
///          becomes `_`. Of two that would be one the first by name is taken.
/// Changes  the folder is looked at again every two seconds by whoever asks: a file that came, went
///          or was replaced shows. Who reads one that is gone goes on reading.
/// Faults   a file that cannot be used is left out, and the log says once why.
/// Threads  any number.
class Shelf {
public:
    /// `place` need not be there.
    explicit Shelf(std::filesystem::path place);

    using Archives = std::map<std::string, std::shared_ptr<TileArchive const>, std::less<>>;

    /// Null if there is none.
    [[nodiscard]] std::shared_ptr<TileArchive const> find(std::string_view id);
    [[nodiscard]] std::shared_ptr<Archives const> all();

private:
    struct Seen {
        std::uint64_t inode = 0;
        std::uint64_t size = 0;
        std::int64_t changed = 0; // nanoseconds
        std::string id;
        std::shared_ptr<TileArchive const> archive; // null: it cannot be used

        [[nodiscard]] bool same(Seen const& other) const noexcept {
            return inode == other.inode && size == other.size && changed == other.changed;
        }
    };
    using Files = std::map<std::filesystem::path, Seen>;

    void look_if_due();
    [[nodiscard]] Files look() const;

    std::filesystem::path m_place;
    std::atomic<std::int64_t> m_due{0}; // milliseconds of the steady clock
    std::mutex m_looking;
    Files m_files; // of who looks
    std::atomic<std::shared_ptr<Archives const>> m_archives;
};

/// Whether a visitor may read an archive: one that was seeded here where they read of each of its
/// collections at least what is in it; any other where they read what is called by its id.
[[nodiscard]] bool may_read(access::Rights const& rights, std::string_view id, About const& about);

} // namespace diaban::services::archive
