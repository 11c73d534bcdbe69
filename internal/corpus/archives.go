package corpus

// archives are containers that are neither tar nor zip.
var archives = []stage{{"cpio odc", cpio(false)}, {"cpio newc", cpio(true)}, {"ar", ar}}
