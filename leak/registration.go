package leak

// Registration is one person with every identifier that is registered of it, none when there are no more.
type Registration struct {
	Person Person
	Tags   []Tag // all of the person's
}
