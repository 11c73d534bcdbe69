package enroll_test

import (
	"testing"

	"leakwatch/leak"
	"leakwatch/matcher/enroll"
)

func TestContacts(t *testing.T) {
	t.Parallel()
	good := leak.Contact{Name: "Security", Channel: "email", Address: "security@clinic.example"}
	for what, c := range map[string]leak.Contact{
		"no name":        {Channel: "email", Address: good.Address},
		"no mailbox":     {Name: "x", Channel: "email", Address: "security"},
		"a display name": {Name: "x", Channel: "email", Address: "X <security@clinic.example>"},
		"no channel":     {Name: "x", Address: good.Address},
		"no URL":         {Name: "x", Channel: "webhook", Address: "clinic.example"},
		"a password":     {Name: "x", Channel: "webhook", Address: "https://a:b@clinic.example/"},
	} {
		if enroll.CheckContact(c) == nil {
			t.Errorf("%s: taken", what)
		}
	}
	hook := leak.Contact{Name: "SIEM", Channel: "webhook", Address: "https://clinic.example/hook"}
	for _, c := range []leak.Contact{good, hook} {
		if err := enroll.CheckContact(c); err != nil {
			t.Error(err)
		}
	}
	list := enroll.PutContact(nil, good)
	if enroll.ContactsWanting(nil) == "" || enroll.ContactsWanting(list) == "" {
		t.Error("too few contacts are no complaint")
	}
	again := good
	again.Address, again.Verified = "Security@clinic.example", true
	if list = enroll.PutContact(list, again); len(list) != 1 || !list[0].Verified {
		t.Errorf("%+v", list)
	}
	if list = enroll.PutContact(list, hook); enroll.ContactsWanting(list) != "" {
		t.Error("two contacts are a complaint")
	}
	if list = enroll.DropContact(list, "", "SECURITY@clinic.example"); len(list) != 1 || list[0] != hook {
		t.Errorf("%+v", list)
	}
}
