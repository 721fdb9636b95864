#pragma once

#include <string>
#include <vector>

namespace diaban::data::gdal {

/// While it lives, GDAL's errors and warnings of this thread come here, not to standard error; and
/// GDAL is ready: drivers registered, no side files written, no environment obeyed.
class Session {
public:
    /// Warnings are added to `remarks`, each once, at most twenty.
    explicit Session(std::vector<std::string>& remarks);
    Session(Session const&) = delete;
    Session& operator=(Session const&) = delete;
    ~Session();

    /// The first error since the start; empty when there was none.
    [[nodiscard]] std::string const& failure() const noexcept { return m_failure; }

    void add_failure(char const* message);
    void add_remark(char const* message);

private:
    std::vector<std::string>& m_remarks;
    std::string m_failure;
};

} // namespace diaban::data::gdal
