// Around the text: the other language opens at the section that is being read, and the menu button obeys the keyboard.
'use strict';

(() => {
    // The section whose heading was last scrolled past; none at the top of the page.
    function currentSection() {
        const headings = [...document.querySelectorAll('main :is(h2, h3)[id]')];
        const passed = headings.filter(heading => heading.getBoundingClientRect().top < innerHeight / 3);
        return passed.length > 0 ? '#' + passed[passed.length - 1].id : '';
    }

    for (const link of document.querySelectorAll('a.language-switch')) {
        const page = link.getAttribute('href');
        const follow = () => link.setAttribute('href', page + currentSection());
        // Before the link is followed, by whatever means: a click, a middle click, Enter, a context menu.
        ['pointerenter', 'pointerdown', 'focus'].forEach(event => link.addEventListener(event, follow));
        document.addEventListener('scroll', () => document.activeElement === link && follow(), { passive: true });
    }

    // What is wider than the screen can be scrolled with the keyboard. mdBook would turn the page on the same keys.
    const wide = 'main :is(pre > code, .table-wrapper)';
    const reachable = () => {
        for (const element of document.querySelectorAll(wide)) {
            element.toggleAttribute('tabindex', false);
            if (element.scrollWidth > element.clientWidth) {
                element.tabIndex = 0;
            }
        }
    };
    document.querySelectorAll(wide).forEach(element => element.addEventListener('keydown', event => {
        if (event.target === element && event.key.startsWith('Arrow')) {
            event.stopPropagation();
        }
    }));
    reachable();
    addEventListener('resize', reachable);
    document.addEventListener('toggle', reachable, true);

    const menu = document.getElementById('mdbook-sidebar-toggle');
    if (menu) {
        menu.addEventListener('keydown', event => {
            if (event.key === 'Enter' || event.key === ' ') {
                event.preventDefault();
                menu.click();
            }
        });
    }
})();
