package configs

import (
	"errors"
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
)

// strangers are the groups that hold more than the operator: none of them may read a secret.
var strangers = [...]windows.WELL_KNOWN_SID_TYPE{
	windows.WinWorldSid, windows.WinBuiltinUsersSid, windows.WinAuthenticatedUserSid,
	windows.WinInteractiveSid, windows.WinBuiltinGuestsSid, windows.WinAnonymousSid,
}

// readRights are the rights that let a file be read.
const readRights = windows.FILE_READ_DATA | windows.GENERIC_READ | windows.GENERIC_ALL

// checkAccess refuses a file whose access list lets Everyone, Users, Authenticated Users or the like read it.
func checkAccess(f *os.File) error {
	sd, err := windows.GetSecurityInfo(windows.Handle(f.Fd()), windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		return fmt.Errorf("check access: %w", err)
	}
	dacl, _, err := sd.DACL()
	if err != nil {
		return fmt.Errorf("check access: %w", err)
	}
	if dacl == nil {
		return errors.New("it has no access list: everyone can read it")
	}
	for i := range uint32(dacl.AceCount) {
		var ace *windows.ACCESS_ALLOWED_ACE
		if err := windows.GetAce(dacl, i, &ace); err != nil {
			return fmt.Errorf("check access: %w", err)
		}
		if ace.Header.AceType != windows.ACCESS_ALLOWED_ACE_TYPE || ace.Mask&readRights == 0 {
			continue
		}
		sid := (*windows.SID)(unsafe.Pointer(&ace.SidStart))
		for _, group := range strangers {
			if sid.IsWellKnown(group) {
				return errors.New("others can read it: icacls FILE /inheritance:r /grant:r \"%USERNAME%:F\"")
			}
		}
	}
	return nil
}

// restrict gives a file to its owner, the system and administrators alone, and cuts what it inherits.
func restrict(f *os.File) error {
	sd, err := windows.SecurityDescriptorFromString("D:P(A;;FA;;;OW)(A;;FA;;;SY)(A;;FA;;;BA)")
	if err != nil {
		return fmt.Errorf("restrict access: %w", err)
	}
	dacl, _, err := sd.DACL()
	if err != nil {
		return fmt.Errorf("restrict access: %w", err)
	}
	const what = windows.DACL_SECURITY_INFORMATION | windows.PROTECTED_DACL_SECURITY_INFORMATION
	if err := windows.SetNamedSecurityInfo(f.Name(), windows.SE_FILE_OBJECT, what, nil, nil, dacl, nil); err != nil {
		return fmt.Errorf("restrict access: %w", err)
	}
	return nil
}

// syncFolder has nothing to do: Windows writes a name with its file.
func syncFolder(string) error { return nil }
