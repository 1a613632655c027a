// What must be said to OpenCV before it is used; for the sources of this folder.
#pragma once

namespace assay::vision {

// No threads of its own (runs are forked, and have their cores from the engine), no lines of its own on stderr.
void prepare_opencv();

}  // namespace assay::vision
