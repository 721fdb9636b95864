#pragma once

#include "tests/fuzz/targets.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <span>
#include <string>

namespace diaban::tests::fuzz {

/// A file of this process that holds the bytes last given, for parsers that want a path.
class ScratchFile {
public:
    explicit ScratchFile(std::string const& name)
        : m_path{std::filesystem::temp_directory_path() /
                 ("diaban-fuzz-" + std::to_string(::getpid()) + "-" + name)} {}
    ScratchFile(ScratchFile const&) = delete;
    ScratchFile& operator=(ScratchFile const&) = delete;
    ~ScratchFile() {
        std::error_code ignored;
        std::filesystem::remove(m_path, ignored);
    }

    std::filesystem::path const& holding(Bytes bytes) const {
        std::ofstream file{m_path, std::ios::binary | std::ios::trunc};
        file << text_of(bytes);
        return m_path;
    }
    [[nodiscard]] std::filesystem::path const& path() const noexcept { return m_path; }

private:
    std::filesystem::path m_path;
};

} // namespace diaban::tests::fuzz
