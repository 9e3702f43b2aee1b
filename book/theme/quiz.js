// Makes radio buttons of the quizzes, whose answers stand folded below them for readers without JavaScript.
'use strict';

(() => {
    function answerLabel(item, name, index) {
        const radio = Object.assign(document.createElement('input'), { type: 'radio', name, value: String(index) });
        const label = document.createElement('label');
        const text = document.createElement('span');
        const paragraph = item.firstElementChild;
        text.append(...(paragraph ? paragraph.childNodes : item.childNodes));
        label.append(radio, text);
        item.replaceChildren(label);
        return radio;
    }

    function upgrade(quiz) {
        const question = quiz.querySelector('.quiz-question');
        const answers = quiz.querySelector('.quiz-answers');
        const reasons = [...quiz.querySelectorAll('.quiz-reasons > li')];
        const radios = [...answers.children].map((item, index) => answerLabel(item, quiz.id, index));

        question.id = quiz.id + '-question';
        const group = document.createElement('fieldset');
        group.setAttribute('aria-labelledby', question.id);
        answers.before(group);
        group.append(answers);

        const button = Object.assign(document.createElement('button'), { type: 'button', textContent: quiz.dataset.check });
        const result = document.createElement('div');
        result.className = 'quiz-result';
        result.setAttribute('role', 'status');
        group.after(button, result);

        button.addEventListener('click', () => {
            const chosen = radios.findIndex(radio => radio.checked);
            const reason = reasons[chosen];
            result.className = 'quiz-result ' + (reason ? reason.className : '');
            result.innerHTML = reason ? reason.innerHTML : '';
            if (!reason) {
                result.textContent = quiz.dataset.choose;
            }
        });
        // mdBook turns the page on arrow keys wherever they are pressed.
        quiz.addEventListener('keydown', event => {
            if (event.key.startsWith('Arrow')) {
                event.stopPropagation();
            }
        });
    }

    document.querySelectorAll('section.quiz').forEach(upgrade);
})();
